/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd-query: what a program may map; reads the publication and nothing else, so that anybody may ask at any time. */
#include <errno.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cli/cli.h"
#include "observe/publication.h"

/* How a program maps what a backend has granted. */
static const char *const how[BACKENDS] = {
	[BACKEND_NONE] = "map it uncached",
	[BACKEND_GRANT] = "map its resourceN_wc in /sys/bus/pci/devices",
};

static int print_text(const char *address, const struct published_bar *bar)
{
	printf("%s BAR %u: %s", address, bar->bar, verdict_names[bar->kind]);
	if (bar->kind != VERDICT_UNKNOWN)
		printf(" (%s)", scope_names[bar->scope]);
	if (bar->is_granted)
		printf(", granted to group %s by %s\n", bar->group ?: "root", backend_names[bar->backend]);
	else
		printf(", not granted%s%s\n", bar->reason ? ": " : "", bar->reason ?: "");
	for (size_t i = 0; i < bar->n; i++)
		printf("  0x%08llx 0x%08llx %s%s\n", (unsigned long long)bar->at[i].offset,
		       (unsigned long long)bar->at[i].size_bytes, verdict_names[bar->at[i].kind],
		       bar->at[i].is_granted ? ", granted" : "");
	printf("  %s\n", how[bar->is_granted ? bar->backend : BACKEND_NONE]);
	return 0;
}

static int print_document(const char *address, const struct published_bar *bar, struct err *err)
{
	struct json_object *o = json_new_object();

	json_put_u64(o, "schema", 1);
	json_put_string(o, "device", address);
	json_put_u64(o, "bar", bar->bar);
	json_put(o, "ranges", published_ranges_to_json(bar));
	return print_json(o, err);
}

int cmd_query(const struct options *options, int argc, char **argv, struct err *err)
{
	_cleanup_(publication_done) struct publication publication = { 0 };
	_cleanup_(sysroot_close) struct sysroot root = { .fd = -1 };
	const struct published_bar *bar;
	struct pci_address address;
	char text[PCI_ADDRESS_SIZE];
	int index, r;

	if (argc != 1 || target_parse(argv[0], &address, &index) < 0 || index < 0)
		return usage_error(err, "query: expected a BAR such as 0000:01:00.0:2");
	r = sysroot_open(options->root, err, &root);
	if (r == 0)
		r = publication_load(&root, err, &publication);
	if (r < 0)
		return r;
	pci_address_format(&address, text);
	bar = publication_find(&publication, &address, (unsigned int)index);
	if (!bar)
		return err_set(err, -ENODEV, "no-such-bar", "%s: nothing is published of it: no prefetchable BAR when pciwc policy apply ran",
		               argv[0]);
	return options->json ? print_document(text, bar, err) : print_text(text, bar);
}
