/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pin-begin: what is locked while a pin is judged and begins, and whether it is approved. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "act/lock.h"
#include "act/pin.h"
#include "act/text.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "model/approval.h"

/* Is exactly what the policy would approve of this device on file as its approval: on this machine, by this judgement. */
static bool is_approved(const struct sysroot *root, const struct policy *policy, const struct pci_address *address)
{
	char text[PCI_ADDRESS_SIZE], path[PCI_ADDRESS_SIZE + 64];

	pci_address_format(address, text);
	snprintf(path, sizeof(path), APPROVALS_DIR "/%s.json", text);
	for (size_t i = 0; i < policy->n; i++)
		if (policy->at[i].kind == WRITE_TEXT && !strcmp(policy->at[i].path, path))
			return text_is_so(root, &policy->at[i]);
	return false;
}

/*
 * Below a pin what a probe maps uncached would have the pin's type, so none begins while something is probed. Who waits for
 * that lets go of the policy's lock, for events take it; and nobody holds the probe's while he waits for the policy's, or
 * a driver that is bound under both would be refused for no probe.
 */
static int take_locks(const struct sysroot *root, struct err *err, int *ret_policy, int *ret_probe)
{
	for (;;) {
		_cleanup_close_ int policy = -1, probe = -1;
		struct err why = { 0 };
		int r = lock_take(root, LOCK_POLICY, true, err, &policy);

		if (r == 0)
			r = lock_take(root, LOCK_PROBE, false, &why, &probe);
		if (r == 0) {
			*ret_policy = steal_fd(&policy);
			*ret_probe = steal_fd(&probe);
			return 0;
		}
		if (r != -EWOULDBLOCK) {
			if (why.text[0])
				*err = why;
			return r;
		}
		log_warn("%s: what is to be pinned waits for its end", why.text);
		close(steal_fd(&policy));
		r = lock_take(root, LOCK_PROBE, true, err, &probe);
		if (r < 0)
			return r;
	}
}

static int check(const struct sysroot *root, const struct policy *policy, const struct pci_address *address, struct err *err)
{
	char text[PCI_ADDRESS_SIZE];

	pci_address_format(address, text);
	if (!pin_is_of(policy, address))
		return err_set(err, -EPERM, "refused", "%s: no BAR of it is to be pinned; see pciwc explain %s", text, text);
	if (!is_approved(root, policy, address))
		return err_set(err, -EPERM, "refused",
		               "%s: what would be pinned is not what was approved (%s/%s.json); see pciwc policy verify, then run pciwc policy apply",
		               text, APPROVALS_DIR, text);
	return 0;
}

int pin_begin(const struct sysroot *root, const struct pci_address *address, pin_judge judge, void *data, struct err *err,
              struct pin *ret)
{
	_cleanup_(policy_done) struct policy policy = { 0 };
	_cleanup_close_ int lock = -1, probe = -1;
	int r = take_locks(root, err, &lock, &probe);

	/* Not before: a probe that is waited for may find what forbids it, and its approval is taken back only behind that. */
	if (r == 0)
		r = judge(data, err, &policy);
	if (r == 0)
		r = check(root, &policy, address, err);
	return r < 0 ? r : pin_hold(root, &policy, address, lock, err, ret);
}
