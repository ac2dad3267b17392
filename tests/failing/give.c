/* SPDX-License-Identifier: GPL-2.0-or-later */
/* give: has policy_apply grant a BAR of a captured machine, which no verdict on such a one ever does; for failing-calls. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "act/apply.h"
#include "base/cleanup.h"
#include "model/publication.h"

#define DEVICE "0000:01:00.0"
#define APPROVAL                                                                                             \
	"{\"schema\":1,\"device\":\"" DEVICE "\",\"vendor\":\"0x1af4\",\"device_id\":\"0x1110\",\"bars\":[{\"bar\":2}]}\n"

/* Of a path that is unsafe: whatever fails, that must stay known, and the grant must not. */
#define PUBLICATION                                                                                                    \
	"{\"schema\":1,\"devices\":[{\"device\":\"" DEVICE "\",\"vendor\":\"0x1af4\",\"device_id\":\"0x1110\","             \
	"\"revision\":\"0x01\",\"path\":\"unsafe\",\"guest\":\"guest-decides\",\"bars\":[{\"bar\":2,\"verdict\":\"safe\"," \
	"\"scope\":\"hardware\",\"granted\":true,\"backend\":\"grant\",\"on_request\":false,\"group\":\"users\","            \
	"\"reason\":null,\"ranges\":[]}]}]}\n"

static int add(struct policy *policy, enum write_kind kind, const char *path, mode_t mode, const char *text)
{
	struct write *write = policy_add(policy, kind, path, mode);

	if (!write)
		return -1;
	if (kind != WRITE_GRANT)
		return str_set(&write->text, text);
	write->address.bus = 1;
	write->vendor = 0x1af4;
	write->device = 0x1110;
	write->bar = 2;
	return str_set(&write->group, text);
}

int main(int argc, char **argv)
{
	_cleanup_(policy_done) struct policy policy = { 0 };
	_cleanup_(sysroot_close) struct sysroot root = { .fd = -1 };
	struct err err = { 0 };
	unsigned int changed;
	_cleanup_close_ int lock = -1;
	int r;

	umask(022);
	r = sysroot_open(argc == 2 ? argv[1] : NULL, &err, &root);
	if (r == 0)
		r = add(&policy, WRITE_MARK, MARKS_DIR "/" DEVICE, 0644, "its path is unsafe\n");
	if (r == 0)
		r = add(&policy, WRITE_TEXT, "/var/lib/pciwc/approvals/" DEVICE ".json", 0644, APPROVAL);
	if (r == 0)
		r = add(&policy, WRITE_GRANT, "/sys/bus/pci/devices/" DEVICE "/resource2_wc", 0660, "users");
	if (r == 0)
		r = add(&policy, WRITE_TEXT, PUBLICATION_FILE, 0644, PUBLICATION);
	if (r == 0)
		r = lock_take(&root, LOCK_POLICY, true, &err, &lock);
	if (r == 0)
		r = policy_apply(&root, &policy, &lock, &err, &changed);
	if (r < 0)
		fprintf(stderr, "pciwc: %s\n", err.text[0] ? err.text : "failed");
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
