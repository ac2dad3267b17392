/* SPDX-License-Identifier: GPL-2.0-or-later */
/* verify: a row a kind of write, each with the words for what it should be. */
#include "act/verify.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "act/foreign.h"
#include "act/grant.h"
#include "act/pin.h"
#include "act/taken.h"
#include "act/text.h"
#include "act/variant.h"
#include "base/array.h"
#include "base/cleanup.h"
#include "base/log.h"

void drifts_done(struct drifts *drifts)
{
	for (size_t i = 0; i < drifts->n; i++) {
		free(drifts->at[i].path);
		free(drifts->at[i].text);
	}
	free(drifts->at);
	*drifts = (struct drifts){ 0 };
}

bool drifts_has(const struct drifts *drifts, const char *path)
{
	for (size_t i = 0; i < drifts->n; i++)
		if (!strcmp(drifts->at[i].path, path))
			return true;
	return false;
}

int drifts_add(struct drifts *drifts, const char *path, char *text)
{
	struct drift *drift = text ? array_add(drifts) : NULL;

	if (!drift) {
		free(text);
		return -ENOMEM;
	}
	drift->text = text;
	err_clean(text);

	int r = str_set(&drift->path, path);

	if (r == 0)
		err_clean(drift->path);
	return r;
}

static char *should_be_text(const struct sysroot *root, const struct write *write)
{
	(void)root;
	return str_printf("missing, or not what was published or approved (mode %04o)", (unsigned int)write->mode);
}

static char *should_be_driver(const struct sysroot *root, const struct write *write)
{
	(void)root;
	return str_printf("the device is not bound to %s by it", write->text);
}

static char *should_be_list(const struct sysroot *root, const struct write *write)
{
	(void)root;
	(void)write;
	return str_printf("another list than that of the policy is in force");
}

static char *should_be_pinned(const struct sysroot *root, const struct write *write)
{
	struct err why = { 0 };
	enum tri is_pinned = pin_look(root, write, &why);

	if (is_pinned == TRI_UNKNOWN)
		return str_printf("whether it is pinned cannot be told: %s", why.text);
	return str_printf("not pinned: %s", is_pinned == TRI_NO ? why.text : "it was, a moment later");
}

static char *should_be_mark(const struct sysroot *root, const struct write *write)
{
	(void)root;
	(void)write;
	return str_printf("missing, or not as it was written: when a VFIO driver takes the device nobody is warned of its path");
}

static bool is_pinned(const struct sysroot *root, const struct write *write)
{
	struct err why = { 0 };

	if (pin_look(root, write, &why) != TRI_YES)
		return false;
	if (why.text[0])
		log_warn("%s: pinned, and %s", write->path, why.text);
	return true;
}

static const struct {
	bool (*is_so)(const struct sysroot *root, const struct write *write);
	char *(*should_be)(const struct sysroot *root, const struct write *write);
} kinds[] = {
	[WRITE_TEXT] = { text_is_so, should_be_text },
	[WRITE_GRANT] = { grant_is_so, grant_fault },
	[WRITE_DRIVER] = { variant_is_so, should_be_driver },
	[WRITE_RANGES] = { variant_is_so, should_be_list },
	[WRITE_PIN] = { is_pinned, should_be_pinned },
	[WRITE_MARK] = { text_is_so, should_be_mark },
};

int policy_verify(const struct sysroot *root, const struct policy *policy, struct err *err, struct drifts *ret)
{
	_cleanup_(drifts_done) struct drifts drifts = { 0 };
	int r = policy_taken(root, policy, err, &drifts);

	if (r == 0)
		r = foreign_grants(root, policy, err, &drifts);
	if (r == 0)
		r = foreign_rules(root, &drifts);
	for (size_t i = 0; r == 0 && i < policy->n; i++) {
		const struct write *write = &policy->at[i];

		/* A grant that is another group's has been said to be taken back. */
		if (write->kind == WRITE_GRANT && drifts_has(&drifts, write->path))
			continue;
		if (!kinds[write->kind].is_so(root, write))
			r = drifts_add(&drifts, write->path, kinds[write->kind].should_be(root, write));
	}
	if (r < 0)
		return r;
	*ret = drifts;
	drifts = (struct drifts){ 0 };
	return 0;
}
