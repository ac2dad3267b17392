/* SPDX-License-Identifier: GPL-2.0-or-later */
/* imported: somebody else's pass counts only where everything is the same; his failure where the hardware is. */
#include "decide/imported.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "decide/fingerprint.h"
#include "decide/proof.h"
#include "decide/silicon.h"

static int weigh_silicon(const struct evidence *evidence, const struct import *import, struct reasons *reasons,
                         enum verdict_kind *kind)
{
	_cleanup_(silicon_done) struct silicon here = { 0 };
	int r = silicon_of(evidence->platform, &here);

	if (r < 0)
		return r;

	enum silicon_part part = silicon_difference(&here, &import->silicon);

	if (part < SILICON_PARTS) {
		verdict_demote(kind, VERDICT_UNKNOWN);
		return reasons_add(reasons, REASON_STALE, NULL, "made on other silicon: %s is %s there, and %s here",
		                   silicon_infos[part].name, import->silicon.part[part] ?: "not known",
		                   here.part[part] ?: "not known");
	}
	if (silicon_is_known(&here))
		return 0;
	/* Equal in that they say nothing. */
	verdict_demote(kind, VERDICT_UNKNOWN);
	return reasons_add(reasons, REASON_STALE, NULL, "this machine does not say what it is: findings of another one prove nothing");
}

int imported_weigh(const struct evidence *evidence, const struct import *import, const struct record *record,
                   struct reasons *reasons, enum verdict_kind *ret)
{
	_cleanup_(nexts_done) struct nexts elsewhere = { 0 }; /* what to do on the machine where it was probed */
	enum verdict_kind kind = VERDICT_SAFE, passed = VERDICT_UNKNOWN;
	/* Where it was made was checked above all; and what a captured machine's path would be is a question worth asking. */
	struct evidence there = *evidence;
	struct record copy = *record;
	/* Its addresses are another machine's. */
	const struct journal none = { 0 };
	int r = 0;

	there.journal = &none;
	there.is_replay = false;
	there.machine = "same silicon";
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): only takes the const away */
	copy.machine = (char *)(uintptr_t)there.machine;
	if (evidence->platform->is_virtual != TRI_NO) {
		verdict_demote(&kind, VERDICT_UNKNOWN);
		r = reasons_add(reasons, REASON_VIRTUAL_PLATFORM, NULL,
		                "this is, or may be, a virtual machine: findings of hardware say nothing of its path");
	}
	if (r == 0)
		r = weigh_silicon(evidence, import, reasons, &kind);
	if (r == 0 && import->microtests != MICROTESTS_VERSION) {
		verdict_demote(&kind, VERDICT_UNKNOWN);
		r = reasons_add(reasons, REASON_STALE, NULL, "made by version %u of the microtests, and this is version %u",
		                import->microtests, MICROTESTS_VERSION);
	}
	if (r == 0)
		r = proof_weigh(&there, &copy, reasons, &elsewhere, &passed);
	if (r < 0)
		return r;
	/* What it found bad is told by its path, or not at all: here it is only no proof. */
	if (passed != VERDICT_SAFE)
		verdict_demote(&kind, VERDICT_UNKNOWN);
	*ret = kind;
	return 0;
}

static const struct finding *failure_of(const struct record *record)
{
	for (size_t i = 0; i < record->n; i++)
		if (record->at[i].scope == SCOPE_HARDWARE && proof_fails_path(&record->at[i]))
			return &record->at[i];
	return NULL;
}

static int warns(const struct evidence *evidence, const struct import *import, bool *ret)
{
	_cleanup_(silicon_done) struct silicon here = { 0 };
	int r = silicon_of(evidence->platform, &here);

	if (r == 0)
		*ret = evidence->platform->is_virtual == TRI_NO && silicon_is_like(&here, &import->silicon);
	return r;
}

/* path is silicon_path() of the BAR, not NULL. */
static int fit_path(const struct evidence *evidence, const struct import *import, const struct record *record,
                    const char *path, enum fit *ret, const struct finding **ret_failure)
{
	const struct finding *failure = failure_of(record);
	_cleanup_(reasons_done) struct reasons reasons = { 0 };
	const char *other = record->path_key ?: "";
	enum verdict_kind kind = VERDICT_UNKNOWN;
	bool is_warning = false;
	int r = 0;

	if (failure && silicon_path_is_like(other, path))
		r = warns(evidence, import, &is_warning);
	else if (!failure && !strcmp(other, path))
		r = imported_weigh(evidence, import, record, &reasons, &kind);
	if (r < 0)
		return r;
	*ret = is_warning ? FIT_WARNS : kind == VERDICT_SAFE ? FIT_PROVES : FIT_NONE;
	*ret_failure = is_warning ? failure : NULL;
	return 0;
}

int imported_fit(const struct evidence *evidence, const struct import *import, const struct record *record,
                 const struct device *device, const struct bar *bar, enum fit *ret, const struct finding **ret_failure)
{
	_cleanup_free_ char *path = NULL;
	int r = silicon_path(evidence->devices, device, bar, evidence->platform, &path);

	if (r < 0)
		return r;
	if (path)
		return fit_path(evidence, import, record, path, ret, ret_failure);
	*ret = FIT_NONE;
	*ret_failure = NULL;
	return 0;
}

int imported_of_path(const struct evidence *evidence, const struct device *device, const struct bar *bar,
                     struct imported *ret)
{
	const struct imports *imports = evidence->imports;
	_cleanup_free_ char *path = NULL;
	struct imported found = { 0 };
	int r = 0;

	if (imports && imports->n)
		r = silicon_path(evidence->devices, device, bar, evidence->platform, &path);
	for (size_t i = 0; r == 0 && path && i < imports->n; i++) {
		const struct import *import = &imports->at[i];

		for (size_t n = 0; r == 0 && n < import->n; n++) {
			const struct record *record = &import->at[n];
			const struct finding *failure = NULL;
			enum fit fit = FIT_NONE;

			r = fit_path(evidence, import, record, path, &fit, &failure);
			if (fit == FIT_PROVES && !found.import) {
				found.import = import;
				found.record = record;
			}
			if (fit == FIT_WARNS && !found.against) {
				found.against = import;
				found.failed = record;
				found.failure = failure;
			}
		}
	}
	if (r < 0)
		return r;
	/* One failed test outweighs all that passed. */
	if (found.against) {
		found.import = NULL;
		found.record = NULL;
	}
	*ret = found;
	return 0;
}
