/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hold: pins a BAR of a captured machine, which no verdict on such a one ever does, and ends the pin; for failing-calls. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "act/pin.h"
#include "base/cleanup.h"

#define DEVICE "0000:01:00.0"

static int add(struct policy *policy)
{
	struct write *write = policy_add(policy, WRITE_PIN, "/sys/bus/pci/devices/" DEVICE "/resource2_wc", 0);

	if (!write)
		return -ENOMEM;
	write->address.bus = 1;
	write->vendor = 0x1af4;
	write->device = 0x1110;
	write->bar = 2;
	write->base = 0x382000000000;
	write->size_bytes = 16 << 20;
	return str_set(&write->text, "pinned");
}

int main(int argc, char **argv)
{
	const struct pci_address address = { .bus = 1 };
	_cleanup_(policy_done) struct policy policy = { 0 };
	_cleanup_(sysroot_close) struct sysroot root = { .fd = -1 };
	struct err err = { 0 };
	struct pin pin;
	int r;

	umask(022);
	r = sysroot_open(argc == 2 ? argv[1] : NULL, &err, &root);
	if (r == 0)
		r = add(&policy);
	if (r == 0)
		r = pin_hold(&root, &policy, &address, -1, &err, &pin);
	if (r == 0) {
		kill(pin.pid, SIGTERM);
		waitpid(pin.pid, NULL, 0);
	} else {
		fprintf(stderr, "pciwc: %s\n", err.text[0] ? err.text : "failed");
		/* Who is not known to hold must not. */
		if (waitpid(-1, NULL, 0) >= 0)
			fprintf(stderr, "pciwc: a process was left\n");
	}
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
