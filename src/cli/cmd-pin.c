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

struct scene {
	const struct options *options;
	struct pci_address address;
	struct machine machine;
};

static void scene_done(struct scene *scene)
{
	machine_done(&scene->machine);
}

/* pin_judge */
static int judge(void *data, struct err *err, struct policy *ret)
{
	struct scene *scene = data;
	struct machine *machine = &scene->machine;
	char text[PCI_ADDRESS_SIZE];
	int r = machine_load(scene->options, err, machine);

	if (r < 0)
		return r;
	pci_address_format(&scene->address, text);
	if (!devices_find(&machine->devices, &scene->address))
		return err_set(err, -ENODEV, "no-such-device", "%s: no such device", text);
	r = machine_judge(machine, err);
	return r < 0 ? r : policy_render(&machine->evidence, machine->verdicts, ret);
}

int cmd_pin(const struct options *options, int argc, char **argv, struct err *err)
{
	_cleanup_(sysroot_close) struct sysroot root = { .fd = -1 };
	_cleanup_(scene_done) struct scene scene = { .options = options };
	char text[PCI_ADDRESS_SIZE];
	struct pin pin;
	int bar, r;

	if (argc != 1 || target_parse(argv[0], &scene.address, &bar) < 0 || bar >= 0)
		return usage_error(err, "pin: expected one ADDRESS");
	if (options->root)
		return usage_error(err, "pin --root %s: a captured machine has no BARs to hold", options->root);
	pci_address_format(&scene.address, text);
	r = sysroot_open(options->root, err, &root);
	if (r < 0)
		return r;
	r = pin_begin(&root, &scene.address, judge, &scene, err, &pin);
	return r < 0 ? r : report_pin(text, &pin, options->json, err);
}
