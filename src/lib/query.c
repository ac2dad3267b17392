/* SPDX-License-Identifier: GPL-2.0-or-later */
/* query: the answer of observe/answer.h behind a handle and getters, which keep their shape whatever becomes of it. */
#include <errno.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "lib/pages.h"
#include "lib/pciwc.h"
#include "observe/answer.h"

struct pciwc_answer {
	struct answer answer;
	char path[80];
};

/* The numbers of the header are for ever, those of the model are not. */
_Static_assert((int)PCIWC_UNKNOWN == VERDICT_UNKNOWN && (int)PCIWC_UNSAFE == VERDICT_UNSAFE &&
	       (int)PCIWC_SAFE == VERDICT_SAFE && VERDICTS == 3, "verdicts");
_Static_assert((int)PCIWC_DEVICE_UNKNOWN == TRI_UNKNOWN && (int)PCIWC_DEVICE_SAME == TRI_NO &&
	       (int)PCIWC_DEVICE_CHANGED == TRI_YES, "identities");
_Static_assert((int)PCIWC_MAP_UNCACHED == HOW_UNCACHED && (int)PCIWC_MAP_SYSFS == HOW_SYSFS &&
	       (int)PCIWC_MAP_VFIO == HOW_VFIO && (int)PCIWC_MAP_VFIO_REQUEST == HOW_VFIO_REQUEST && HOWS == 4, "hows");

int pciwc_query(const char *address, unsigned int bar, struct pciwc_answer **ret)
{
	_cleanup_(sysroot_close) struct sysroot root = { .fd = -1 };
	_cleanup_free_ struct pciwc_answer *answer = calloc(1, sizeof(*answer));
	char text[PCI_ADDRESS_SIZE];
	struct pci_address parsed;
	int r;

	if (!answer)
		return -ENOMEM;
	if (!address || pci_address_parse(address, &parsed) < 0 || bar >= BAR_MAX)
		return -EINVAL;
	r = sysroot_open(NULL, NULL, &root);
	if (r == 0)
		r = answer_read(&root, &parsed, bar, NULL, &answer->answer);
	if (r == -EINVAL)
		return -EBADMSG; /* what the caller gave is in order: it is the file that is not */
	if (r < 0)
		return r;
	pci_address_format(&parsed, text);
	snprintf(answer->path, sizeof(answer->path), "/sys/bus/pci/devices/%s/resource%u_wc", text, bar);
	*ret = steal(&answer);
	return 0;
}

void pciwc_answer_free(struct pciwc_answer *answer)
{
	if (!answer)
		return;
	answer_done(&answer->answer);
	free(answer);
}

enum pciwc_identity pciwc_answer_device(const struct pciwc_answer *answer)
{
	return (enum pciwc_identity)answer->answer.changed;
}

enum pciwc_how pciwc_answer_how(const struct pciwc_answer *answer, uint64_t offset, uint64_t size)
{
	if (!pages_widen(&offset, &size))
		return PCIWC_MAP_UNCACHED;
	return (enum pciwc_how)answer_how(&answer->answer, offset, size);
}

enum pciwc_verdict pciwc_answer_verdict(const struct pciwc_answer *answer)
{
	return (enum pciwc_verdict)answer->answer.bar->kind;
}

const char *pciwc_answer_reason(const struct pciwc_answer *answer)
{
	return answer->answer.bar->reason;
}

static const char *backend(bool is_granted, enum backend backend)
{
	return is_granted ? backend_names[backend] : NULL;
}

const char *pciwc_answer_backend(const struct pciwc_answer *answer)
{
	return backend(answer->answer.bar->is_granted, answer->answer.bar->backend);
}

const char *pciwc_answer_group(const struct pciwc_answer *answer)
{
	return answer->answer.bar->group;
}

const char *pciwc_answer_path(const struct pciwc_answer *answer)
{
	for (size_t i = 0; i < answer->answer.bar->n; i++)
		if (published_range_how(&answer->answer.bar->at[i]) == HOW_SYSFS)
			return answer->path;
	return NULL;
}

/* ---- ranges ---- */

static const struct published_range *range_at(const struct pciwc_answer *answer, size_t i)
{
	static const struct published_range none;

	return i < answer->answer.bar->n ? &answer->answer.bar->at[i] : &none;
}

size_t pciwc_answer_ranges(const struct pciwc_answer *answer)
{
	return answer->answer.bar->n;
}

uint64_t pciwc_range_offset(const struct pciwc_answer *answer, size_t i)
{
	return range_at(answer, i)->offset;
}

uint64_t pciwc_range_size(const struct pciwc_answer *answer, size_t i)
{
	return range_at(answer, i)->size_bytes;
}

enum pciwc_verdict pciwc_range_verdict(const struct pciwc_answer *answer, size_t i)
{
	return (enum pciwc_verdict)range_at(answer, i)->kind;
}

enum pciwc_how pciwc_range_how(const struct pciwc_answer *answer, size_t i)
{
	return (enum pciwc_how)published_range_how(range_at(answer, i));
}

const char *pciwc_range_backend(const struct pciwc_answer *answer, size_t i)
{
	return backend(range_at(answer, i)->is_granted, range_at(answer, i)->backend);
}
