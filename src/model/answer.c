/* SPDX-License-Identifier: GPL-2.0-or-later */
/* answer: how what is granted is mapped, and what is left of it when the device is another one, or its path is marked. */
#include "model/answer.h"

#include "base/strs.h"

/* What speaks against a BAR whose device is not known to be the one that was judged. */
static const char *const against[] = {
	[TRI_UNKNOWN] = "unreadable",
	[TRI_YES] = "device-changed",
};

/* What speaks against one whose path was marked after it was published, or may have been, and what it then is. */
static const struct {
	enum verdict_kind kind;
	const char *reason;
} marks[] = {
	[TRI_UNKNOWN] = { VERDICT_UNKNOWN, "unreadable" },
	[TRI_YES] = { VERDICT_UNSAFE, "path-unsafe" },
};

void answer_done(struct answer *answer)
{
	publication_done(&answer->publication);
	*answer = (struct answer){ 0 };
}

/* The BAR and its ranges are of this kind, and nobody's. */
static int withdraw(struct published_bar *bar, enum verdict_kind kind, const char *reason)
{
	bar->kind = kind;
	bar->scope = kind == VERDICT_UNKNOWN ? SCOPE_UNKNOWN : bar->scope;
	bar->is_granted = bar->on_request = false;
	bar->backend = BACKEND_NONE;
	for (size_t i = 0; i < bar->n; i++)
		bar->at[i] = (struct published_range){ .offset = bar->at[i].offset, .size_bytes = bar->at[i].size_bytes, .kind = kind };

	int r = str_set(&bar->group, NULL);

	return r < 0 ? r : str_set(&bar->reason, reason);
}

int answer_confirm(struct answer *answer, enum tri changed, enum tri marked)
{
	answer->changed = changed;
	answer->marked = marked;
	if (changed != TRI_NO)
		return withdraw(answer->bar, VERDICT_UNKNOWN, against[changed]);
	/* What was published of a path that is unsafe says why, which a mark does not. */
	if (marked == TRI_NO || answer->device->path == VERDICT_UNSAFE)
		return 0;
	return withdraw(answer->bar, marks[marked].kind, marks[marked].reason);
}

enum how published_range_how(const struct published_range *range)
{
	static const enum how hows[BACKENDS] = {
		[BACKEND_NONE] = HOW_UNCACHED,
		[BACKEND_GRANT] = HOW_SYSFS,
		[BACKEND_VARIANT] = HOW_VFIO,
		[BACKEND_PIN] = HOW_VFIO,
	};
	enum how how = range->is_granted ? hows[range->backend] : HOW_UNCACHED;

	return how == HOW_VFIO && range->on_request ? HOW_VFIO_REQUEST : how;
}

/*
 * The ranges ascend, and where one ends the next begins. VFIO's mappings are write-combining inside one allowed range
 * only, and a BAR that is granted as a whole is one.
 */
enum how answer_how(const struct answer *answer, uint64_t offset, uint64_t size_bytes)
{
	const struct published_bar *bar = answer->bar;
	enum how how = HOW_UNCACHED;
	uint64_t end = offset + size_bytes, reached = offset;

	if (end <= offset)
		return HOW_UNCACHED;
	for (size_t i = 0; reached < end && i < bar->n; i++) {
		const struct published_range *range = &bar->at[i];
		bool is_first = reached == offset;

		if (reached < range->offset || reached - range->offset >= range->size_bytes)
			continue;
		if (!is_first && (!bar->is_granted || published_range_how(range) != how))
			return HOW_UNCACHED;
		how = published_range_how(range);
		reached = range->offset + range->size_bytes;
	}
	return reached < end ? HOW_UNCACHED : how;
}

struct json_object *answer_to_json(const struct answer *answer)
{
	struct json_object *o = json_new_object(), *ranges = json_new_array();
	char address[PCI_ADDRESS_SIZE];

	pci_address_format(&answer->device->address, address);
	json_put_u64(o, "schema", 1);
	json_put_string(o, "device", address);
	json_put_u64(o, "bar", answer->bar->bar);
	tri_put(o, "changed", answer->changed);
	tri_put(o, "marked", answer->marked);
	json_put_string(o, "reason", answer->bar->reason);
	for (size_t i = 0; i < answer->bar->n; i++) {
		struct json_object *range = published_range_to_json(&answer->bar->at[i]);

		json_put_string(range, "how", how_names[published_range_how(&answer->bar->at[i])]);
		json_push(ranges, range);
	}
	json_put(o, "ranges", ranges);
	return o;
}
