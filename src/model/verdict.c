/* SPDX-License-Identifier: GPL-2.0-or-later */
/* verdict: names, and the building of reasons and next steps. */
#include "model/verdict.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/strs.h"

const char *const basis_names[] = {
	[BASIS_NONE] = "none",         [BASIS_PROBED] = "probed",     [BASIS_EQUIVALENT] = "equivalent",
	[BASIS_IMPORTED] = "imported", [BASIS_ACCEPTED] = "accepted",
};

const char *const surface_sysfs_names[] = {
	[SYSFS_UNKNOWN] = "unknown",
	[SYSFS_AVAILABLE] = "available",
	[SYSFS_MISSING] = "missing",
	[SYSFS_LOCKED_DOWN] = "locked-down",
	[SYSFS_BUSY] = "busy",
};

const char *const surface_vfio_names[] = {
	[VFIO_UNKNOWN] = "unknown",
	[VFIO_UNCACHED] = "uncached",
	[VFIO_PARTLY_WC] = "partly-wc",
	[VFIO_WC] = "wc",
};

const char *const reason_names[REASONS] = {
	[REASON_NONE] = "none",
	[REASON_PATH_DENIED] = "path-denied",
	[REASON_PATH_HELD] = "path-held",
	[REASON_PATH_UNPROVEN] = "path-unproven",
	[REASON_PATH_PROVEN] = "path-proven",
	[REASON_DATABASE_BROKEN] = "database-broken",
	[REASON_VIRTUAL_PLATFORM] = "virtual-platform",
	[REASON_REPLAY] = "replay",
	[REASON_NO_WC] = "no-wc",
	[REASON_TARGET_DENIED] = "target-denied",
	[REASON_TARGET_HELD] = "target-held",
	[REASON_TARGET_UNKNOWN] = "target-unknown",
	[REASON_TARGET_NOT_MEMORY] = "target-not-memory",
	[REASON_TARGET_MSIX] = "target-msix",
	[REASON_TARGET_PARTLY] = "target-partly",
	[REASON_TARGET_FIT] = "target-fit",
	[REASON_NOT_PREFETCHABLE] = "not-prefetchable",
	[REASON_NOT_PROBED] = "not-probed",
	[REASON_TYPE_UNCONFIRMED] = "type-unconfirmed",
	[REASON_TEST_FAILED] = "test-failed",
	[REASON_TEST_DIED] = "test-died",
	[REASON_NOT_EXERCISED] = "not-exercised",
	[REASON_ERRORS_UNOBSERVED] = "errors-unobserved",
	[REASON_CONTAINMENT] = "containment",
	[REASON_CRASHED] = "crashed",
	[REASON_STALE] = "stale",
	[REASON_BUSY] = "busy",
	[REASON_UNREADABLE] = "unreadable",
	[REASON_LOCKED_DOWN] = "locked-down",
	[REASON_WARNED] = "warned",
	[REASON_LIFTED] = "lifted",
	[REASON_ACCEPTED] = "accepted",
	[REASON_GAIN_LOW] = "gain-low",
	[REASON_NOT_ASKED] = "not-asked",
	[REASON_GRANTED] = "granted",
	[REASON_IMPORTED] = "imported",
	[REASON_IMPORT_FAILED] = "import-failed",
	[REASON_NO_BACKEND] = "no-backend",
};

int reasons_add(struct reasons *reasons, enum reason_id id, const struct strs *references, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);

	struct reason *reason = array_add(reasons);

	if (!reason)
		return -ENOMEM;
	reason->id = id;
	reason->text = strdup(text);

	int r = reason->text ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && references && i < references->n; i++)
		r = strs_add(&reason->references, references->at[i]);
	return r;
}

static bool is_favourable(enum reason_id id)
{
	static const enum reason_id favourable[] = { REASON_PATH_PROVEN, REASON_TARGET_FIT, REASON_ACCEPTED,
		                                     REASON_LIFTED,      REASON_WARNED,     REASON_GRANTED,
		                                     REASON_IMPORTED };

	for (size_t i = 0; i < ELEMENTSOF(favourable); i++)
		if (favourable[i] == id)
			return true;
	return false;
}

const struct reason *reasons_against(const struct reasons *reasons)
{
	for (size_t i = 0; i < reasons->n; i++)
		if (!is_favourable(reasons->at[i].id))
			return &reasons->at[i];
	return NULL;
}

bool reasons_has(const struct reasons *reasons, enum reason_id id)
{
	for (size_t i = 0; i < reasons->n; i++)
		if (reasons->at[i].id == id)
			return true;
	return false;
}

bool bar_verdict_is_grantable(const struct bar_verdict *verdict)
{
	return verdict->given.n;
}

void reasons_done(struct reasons *reasons)
{
	for (size_t i = 0; i < reasons->n; i++) {
		free(reasons->at[i].text);
		strs_done(&reasons->at[i].references);
	}
	free(reasons->at);
	*reasons = (struct reasons){ 0 };
}

bool nexts_has(const struct nexts *nexts, const char *command, const char *text)
{
	for (size_t i = 0; i < nexts->n; i++)
		if (str_eq(nexts->at[i].command, command) && str_eq(nexts->at[i].text, text))
			return true;
	return false;
}

int nexts_add(struct nexts *nexts, const char *command, const char *risk, const char *text)
{
	if (nexts_has(nexts, command, text))
		return 0;

	struct next *next = array_add(nexts);

	if (!next || str_set(&next->command, command) < 0 || str_set(&next->risk, risk) < 0 ||
	    str_set(&next->text, text) < 0)
		return -ENOMEM;
	return 0;
}

void nexts_done(struct nexts *nexts)
{
	for (size_t i = 0; i < nexts->n; i++) {
		free(nexts->at[i].command);
		free(nexts->at[i].text);
		free(nexts->at[i].risk);
	}
	free(nexts->at);
	*nexts = (struct nexts){ 0 };
}

void path_verdict_done(struct path_verdict *path)
{
	reasons_done(&path->reasons);
	nexts_done(&path->nexts);
}

void bar_verdict_done(struct bar_verdict *bar)
{
	wc_ranges_done(&bar->given);
	free(bar->group);
	free(bar->ranges);
	reasons_done(&bar->reasons);
	nexts_done(&bar->nexts);
	*bar = (struct bar_verdict){ 0 };
}

void device_verdict_done(struct device_verdict *verdict)
{
	path_verdict_done(&verdict->path);
	for (size_t i = 0; i < BAR_MAX; i++)
		bar_verdict_done(&verdict->bars[i]);
}

struct json_object *reasons_to_json(const struct reasons *reasons)
{
	struct json_object *array = json_new_array();

	for (size_t i = 0; i < reasons->n; i++) {
		struct json_object *o = json_new_object();

		json_put_string(o, "id", reason_names[reasons->at[i].id]);
		json_put_string(o, "text", reasons->at[i].text);
		json_put_strs(o, "references", &reasons->at[i].references);
		json_push(array, o);
	}
	return array;
}

struct json_object *nexts_to_json(const struct nexts *nexts)
{
	struct json_object *array = json_new_array();

	for (size_t i = 0; i < nexts->n; i++) {
		struct json_object *o = json_new_object();

		json_put_string(o, "command", nexts->at[i].command);
		json_put_string(o, "text", nexts->at[i].text);
		json_put_string(o, "risk", nexts->at[i].risk);
		json_push(array, o);
	}
	return array;
}
