/* SPDX-License-Identifier: GPL-2.0-or-later */
/* deny: no kernel has a switch against a guest's own choice, so there are only ways around it, a row each. */
#include "decide/deny.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"

static const struct {
	const char *text, *risk;
	bool needs_module; /* only where the module's driver can be had */
} remedies[] = {
	{ "do not assign the device to a guest; pciwc-libvirt-hook refuses to start one that has it (pciwc-policy(7))",
	  "the hook does not see a device that is plugged into a running guest", false },
	{ "or give QEMU x-no-mmap=on for the device: every access is then emulated, and none combines",
	  "each access is slow, and one wider than 8 bytes ends the guest", false },
	{ "or bind pciwc-vfio-pci and set its guest_wc_ranges_only before a guest opens the device: pciwc-policy(7)",
	  "it is a kernel module, which taints the kernel; a guest whose driver needs write-combining is slow", true },
};

/* The flag is about stage 2, which only arm64 has this way. */
static bool is_remedy(size_t i, enum guest_rule guest)
{
	return !remedies[i].needs_module || guest == GUEST_NORMAL_NC_UNGATED;
}

int deny_nexts(const struct evidence *evidence, const struct device *device, struct path_verdict *path)
{
	enum guest_rule guest = evidence->kernel->guest;
	int r = 0;

	if (path->kind != VERDICT_UNSAFE || guest == GUEST_NONE || device_is_bridge(device))
		return 0;
	for (size_t i = 0; r == 0 && i < ELEMENTSOF(remedies); i++)
		if (is_remedy(i, guest))
			r = nexts_add(&path->nexts, NULL, remedies[i].risk, remedies[i].text);
	return r;
}

int deny_warning(const struct pci_address *address, enum verdict_kind path, bool is_vfio, enum guest_rule guest, char **ret)
{
	char text[PCI_ADDRESS_SIZE];

	*ret = NULL;
	if (path != VERDICT_UNSAFE || !is_vfio)
		return 0;
	pci_address_format(address, text);
	*ret = str_printf("%s is bound to a VFIO driver, and its path is unsafe; %s: do not assign it; see pciwc explain %s",
	                  text, guest_rule_meanings[guest], text);
	return *ret ? 0 : -ENOMEM;
}

int deny_remedies(const struct pci_address *address, enum guest_rule guest, struct strs *ret)
{
	char text[PCI_ADDRESS_SIZE];
	int r = 0;

	pci_address_format(address, text);
	for (size_t i = 0; r == 0 && i < ELEMENTSOF(remedies); i++) {
		_cleanup_free_ char *line = str_printf("%s: %s; its risk: %s", text, remedies[i].text, remedies[i].risk);

		if (!line)
			return -ENOMEM;
		if (is_remedy(i, guest))
			r = strs_add(ret, line);
	}
	return r;
}
