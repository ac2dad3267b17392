/* SPDX-License-Identifier: GPL-2.0-or-later */
/* verify: a row a kind of write, each with the words for what it should be. */
#include "act/verify.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "act/approvals.h"
#include "act/foreign.h"
#include "act/grant.h"
#include "act/lock.h"
#include "act/marks.h"
#include "act/pin.h"
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

int drifts_add(struct drifts *drifts, const char *path, char *text)
{
	struct drift *drift = text ? array_add(drifts) : NULL;

	if (!drift) {
		free(text);
		return -ENOMEM;
	}
	drift->text = text;
	return str_set(&drift->path, path);
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

/* Does it give anything of this device. */
static bool policy_knows(const struct policy *policy, const struct pci_address *address)
{
	for (size_t i = 0; i < policy->n; i++)
		if (policy->at[i].kind != WRITE_TEXT && policy->at[i].kind != WRITE_MARK &&
		    !pci_address_compare(&policy->at[i].address, address))
			return true;
	return false;
}

static int find_forgotten(const struct sysroot *root, const struct policy *policy, struct err *err, struct drifts *drifts)
{
	_cleanup_(approvals_done) struct approvals approvals = { 0 };
	int r = approvals_read(root, err, &approvals);

	for (size_t i = 0; r == 0 && i < approvals.n; i++) {
		char address[PCI_ADDRESS_SIZE], path[128];

		if (policy_knows(policy, &approvals.at[i].address))
			continue;
		pci_address_format(&approvals.at[i].address, address);
		snprintf(path, sizeof(path), APPROVALS_DIR "/%s.json", address);
		r = drifts_add(drifts, path, str_printf("approved once, and nothing of it is granted any more"));
	}
	return r;
}

/* Of one who pins the device as he should: no other BAR of it. */
static int find_excess(const struct sysroot *root, const struct policy *policy, const struct pci_address *address, const char *path,
                       struct drifts *drifts)
{
	struct err why = { 0 };
	enum tri exceeds = pin_exceeds(root, policy, address, &why);

	if (exceeds == TRI_NO)
		return 0;
	return drifts_add(drifts, path,
	           exceeds == TRI_YES ? str_printf("the process that pins the device holds a BAR that the policy does not pin")
	                              : str_printf("which BARs the process holds cannot be told: %s", why.text));
}

static int find_unapproved(const struct sysroot *root, const struct policy *policy, struct err *err, struct drifts *drifts)
{
	_cleanup_(pins_done) struct pins pins = { 0 };
	int r = pin_list(root, &pins);

	if (r < 0)
		return err_errno(err, r, "unreadable", "%s" RUN_DIR, root->name);
	for (size_t i = 0; r == 0 && i < pins.n; i++) {
		char address[PCI_ADDRESS_SIZE], path[128];
		struct err why = { 0 };
		pid_t pid = 0;
		int q;

		pci_address_format(&pins.at[i], address);
		snprintf(path, sizeof(path), RUN_DIR "/" PIN_LOCK, address);
		if (pin_is_of(policy, &pins.at[i])) {
			r = find_excess(root, policy, &pins.at[i], path, drifts);
			continue;
		}
		q = pin_holder(root, &pins.at[i], &why, &pid);
		if (q < 0)
			r = drifts_add(drifts, path, str_printf("whether a process pins the device cannot be told: %s", why.text));
		else if (pid)
			r = drifts_add(drifts, path, str_printf("a process pins the device, and the policy does not"));
	}
	return r;
}

static int find_foreign_marks(const struct sysroot *root, const struct policy *policy, struct err *err, struct drifts *drifts)
{
	_cleanup_(strs_done) struct strs foreign = { 0 };
	struct err why = { 0 };
	int r = marks_foreign(root, policy, &why, &foreign);

	if (r == -ENOMEM)
		return err_errno(err, r, "unreadable", "%s" MARKS_DIR, root->name);
	if (r < 0)
		return drifts_add(drifts, MARKS_DIR, str_printf("which marks are there cannot be told: %s", why.text));
	for (size_t i = 0; r == 0 && i < foreign.n; i++)
		r = drifts_add(drifts, foreign.at[i], str_printf("warns of a path that is not unsafe"));
	return r;
}

int policy_verify(const struct sysroot *root, const struct policy *policy, struct err *err, struct drifts *ret)
{
	_cleanup_(drifts_done) struct drifts drifts = { 0 };
	int r = find_forgotten(root, policy, err, &drifts);

	if (r == 0)
		r = find_unapproved(root, policy, err, &drifts);
	if (r == 0)
		r = find_foreign_marks(root, policy, err, &drifts);
	if (r == 0)
		r = foreign_grants(root, policy, err, &drifts);
	if (r == 0)
		r = foreign_rules(root, &drifts);
	for (size_t i = 0; r == 0 && i < policy->n; i++) {
		const struct write *write = &policy->at[i];

		if (!kinds[write->kind].is_so(root, write))
			r = drifts_add(&drifts, write->path, kinds[write->kind].should_be(root, write));
	}
	if (r < 0)
		return r;
	*ret = drifts;
	drifts = (struct drifts){ 0 };
	return 0;
}
