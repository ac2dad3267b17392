/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd-query: what a program may map; reads the publication, the marks, and what sysfs tells anybody of the device, so that anybody may ask at any time. */
#include <errno.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cli/cli.h"
#include "observe/answer.h"

static const char *const standing[] = {
	[TRI_UNKNOWN] = "whether the device there is the one that was judged, where it was, cannot be told: nothing is granted",
	[TRI_NO] = NULL,
	[TRI_YES] = "another device is there than the one that was judged, or it was elsewhere: nothing is granted; pciwc policy apply judges it",
};

/* Of a device that is the one that was judged. */
static const char *const warnings[] = {
	[TRI_UNKNOWN] = "whether its path was found unsafe since cannot be told: nothing is granted",
	[TRI_NO] = NULL,
	[TRI_YES] = "its path was found unsafe since: nothing is granted; pciwc policy apply judges it",
};

static bool has_granted_range(const struct published_bar *bar)
{
	for (size_t i = 0; i < bar->n; i++)
		if (bar->at[i].is_granted)
			return true;
	return false;
}

static void print_range(const struct published_range *range)
{
	printf("  0x%08llx 0x%08llx %s", (unsigned long long)range->offset, (unsigned long long)range->size_bytes,
	       verdict_names[range->kind]);
	if (range->is_granted)
		printf(", granted by %s%s", backend_names[range->backend], range->on_request ? " on request" : "");
	printf(": %s\n", how_meanings[published_range_how(range)]);
}

static int print_text(const struct answer *answer)
{
	const struct published_bar *bar = answer->bar;
	char address[PCI_ADDRESS_SIZE];

	pci_address_format(&answer->device->address, address);
	printf("%s BAR %u: %s", address, bar->bar, verdict_names[bar->kind]);
	if (bar->kind != VERDICT_UNKNOWN)
		printf(" (%s)", scope_names[bar->scope]);
	if (bar->is_granted)
		printf(", granted to group %s by %s\n", bar->group ?: "root", backend_names[bar->backend]);
	else
		printf(", not granted%s%s%s\n", has_granted_range(bar) ? " as a whole" : "", bar->reason ? ": " : "",
		       bar->reason ?: "");
	if (standing[answer->changed])
		printf("  %s\n", standing[answer->changed]);
	else if (warnings[answer->marked] && answer->device->path != VERDICT_UNSAFE)
		printf("  %s\n", warnings[answer->marked]);
	for (size_t i = 0; i < bar->n; i++)
		print_range(&bar->at[i]);
	return 0;
}

int cmd_query(const struct options *options, int argc, char **argv, struct err *err)
{
	_cleanup_(sysroot_close) struct sysroot root = { .fd = -1 };
	_cleanup_(answer_done) struct answer answer = { 0 };
	struct pci_address address;
	int index, r;

	if (argc != 1 || target_parse(argv[0], &address, &index) < 0 || index < 0)
		return usage_error(err, "query: expected a BAR such as 0000:01:00.0:2");
	r = sysroot_open(options->root, err, &root);
	if (r == 0)
		r = answer_read(&root, &address, (unsigned int)index, err, &answer);
	if (r)
		return r;
	return options->json ? print_json(answer_to_json(&answer), err) : print_text(&answer);
}
