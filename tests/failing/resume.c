/* SPDX-License-Identifier: GPL-2.0-or-later */
/* resume: gives what an approval says, as an event does where it still holds, which no verdict on a captured machine was ever good for. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "act/approvals.h"
#include "act/lock.h"
#include "act/resume.h"
#include "base/cleanup.h"

int main(int argc, char **argv)
{
	const struct pci_address address = { .bus = 1 };
	_cleanup_(sysroot_close) struct sysroot root = { .fd = -1 };
	_cleanup_(approval_done) struct approval approval = { 0 };
	_cleanup_(revoked_done) struct revoked revoked = { 0 };
	_cleanup_close_ int lock = -1;
	struct event event = { 0 };
	struct err err = { 0 };
	int r;

	umask(022);
	r = sysroot_open(argc == 2 ? argv[1] : NULL, &err, &root);
	if (r == 0)
		r = lock_take(&root, LOCK_POLICY, true, &err, &lock);
	if (r == 0)
		r = approval_read(&root, &address, &err, &approval);
	if (r == 0 && approval.is_readable) {
		event.given = approval.files;
		r = resume_device(&root, &approval, &event, &revoked, &err);
	}
	if (r < 0)
		fprintf(stderr, "pciwc: %s\n", err.text[0] ? err.text : "failed");
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
