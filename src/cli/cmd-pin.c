/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cmd-pin: holds the BARs of a device that an approval on file says are pinned, and that are so judged at this moment.
 *
 * It returns when they are held, and leaves behind the process that holds them. That is also how a service manager learns
 * of it (Type=forking): the other way, a message to the socket that $NOTIFY_SOCKET names, would let an environment
 * variable say where a privileged process writes to, and a person or a script without systemd has the same use of it.
 */
#include <errno.h>
#include <stdio.h>

#include "act/memtype.h"
#include "act/pin.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "cli/cli.h"
#include "decide/policy.h"

static int report_pin(const char *address, const struct pin *pin, bool json, struct err *err)
{
	struct json_object *o;

	if (!json) {
		printf("%s: pinned by process %d%s\n", address, (int)pin->pid,
		       pin->is_type_verified ? "" : "; its type is not verified: " MEMTYPE_LIST " cannot be read");
		return 0;
	}
	o = json_new_object();
	json_put_u64(o, "schema", 1);
	json_put_string(o, "device", address);
	json_put_u64(o, "process", (uint64_t)pin->pid);
	json_put_bool(o, "type_verified", pin->is_type_verified);
	return print_json(o, err);
}

int cmd_pin(const struct options *options, int argc, char **argv, struct err *err)
{
	_cleanup_(machine_done) struct machine machine = { 0 };
	_cleanup_(policy_done) struct policy policy = { 0 };
	struct pci_address address;
	char text[PCI_ADDRESS_SIZE];
	struct pin pin;
	int bar, r;

	if (argc != 1 || target_parse(argv[0], &address, &bar) < 0 || bar >= 0)
		return usage_error(err, "pin: expected one ADDRESS");
	if (options->root)
		return usage_error(err, "pin --root %s: a captured machine has no BARs to hold", options->root);
	pci_address_format(&address, text);
	r = machine_load(options, err, &machine);
	if (r < 0)
		return r;
	if (!devices_find(&machine.devices, &address))
		return err_set(err, -ENODEV, "no-such-device", "%s: no such device", text);
	r = machine_judge(&machine, err);
	if (r == 0)
		r = policy_render(&machine.evidence, machine.verdicts, &policy);
	if (r < 0)
		return r;
	if (!pin_is_of(&policy, &address))
		return err_set(err, -EPERM, "refused", "%s: no BAR of it is to be pinned; see pciwc explain %s", text, text);
	if (!pin_is_approved(&machine.root, &policy, &address))
		return err_set(err, -EPERM, "refused",
		               "%s: what would be pinned is not what was approved (%s/%s.json); see pciwc policy verify, then run pciwc policy apply",
		               text, APPROVALS_DIR, text);
	r = pin_begin(&machine.root, &policy, &address, err, &pin);
	return r < 0 ? r : report_pin(text, &pin, options->json, err);
}
