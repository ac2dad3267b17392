/* SPDX-License-Identifier: GPL-2.0-or-later */
/* taken: that something is given is asked of who gives it, so that none is said of what is as it was. */
#include "act/taken.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "act/grant.h"
#include "act/lock.h"
#include "act/marks.h"
#include "act/pin.h"
#include "act/variant.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "base/strs.h"

#define PATH_SIZE (64 + PCI_ADDRESS_SIZE)

bool taken_file(const struct sysroot *root, const struct approval *approval, const struct policy *policy, unsigned int bar)
{
	const struct write *row = policy_find(policy, WRITE_GRANT, &approval->address, bar);

	return approval->files & (1u << bar) && (!row || grant_is_of_another(root, approval, row));
}

bool taken_driver(const struct approval *approval, const struct policy *policy)
{
	return approval->has_variant && !policy_has(policy, WRITE_DRIVER, &approval->address, 0);
}

bool taken_approval(const struct approval *approval, const struct policy *policy)
{
	for (unsigned int bar = 0; bar < BAR_MAX; bar++)
		if (policy_has(policy, WRITE_GRANT, &approval->address, bar) || policy_has(policy, WRITE_PIN, &approval->address, bar))
			return false;
	return !policy_has(policy, WRITE_DRIVER, &approval->address, 0);
}

bool taken_pin(const struct approval *approval, const struct policy *policy)
{
	for (unsigned int bar = 0; bar < BAR_MAX; bar++)
		if (approval->pins & (1u << bar) && !policy_has(policy, WRITE_PIN, &approval->address, bar))
			return true;
	return false;
}

/* Nothing, where it approves nothing at that address. Of another device there an event says that it is. 0 or -ENOMEM. */
static int approved_now(const struct approval *approval, const struct policy *policy, struct approval *now)
{
	_cleanup_(json_done) struct json_object *o = NULL;
	char address[PCI_ADDRESS_SIZE], path[PATH_SIZE];
	const char *text = NULL;

	pci_address_format(&approval->address, address);
	snprintf(path, sizeof(path), APPROVALS_DIR "/%s.json", address);
	for (size_t i = 0; i < policy->n; i++)
		if (policy->at[i].kind == WRITE_TEXT && str_eq(policy->at[i].path, path))
			text = policy->at[i].text;
	now->address = approval->address;
	if (!text)
		return 0;

	int r = json_parse(path, text, strlen(text), NULL, &o);
	struct json_at top = json_top(o, path);

	if (r == 0)
		r = approval_from_json(&top, NULL, now);
	return r == -ENOMEM ? r : 0;
}

/* By the words of both alone: whatever the file has now, an event would give it to the approval's group. */
static bool is_given_on(const struct approval *approval, const struct policy *policy, unsigned int bar)
{
	const struct write *row = policy_find(policy, WRITE_GRANT, &approval->address, bar);

	if (approval->files & (1u << bar) && (!row || !str_eq(row->group, approval->bars[bar].group)))
		return false;
	return !(approval->pins & (1u << bar)) || policy_has(policy, WRITE_PIN, &approval->address, bar);
}

int taken_rest(const struct approval *approval, const struct policy *policy, struct approval *ret)
{
	_cleanup_(approval_done) struct approval now = { 0 };
	struct approval rest = *approval;
	bool is_less = false;

	if (!approval->is_readable)
		return 0;
	if (approved_now(approval, policy, &now) < 0)
		return -ENOMEM;
	/* One of the module's driver stays: no event gives that, and a probe's end looks for what its list still gives (decide/lapse.c). */
	for (unsigned int bar = 0; bar < BAR_MAX; bar++) {
		if (!approval->bars[bar].fingerprint || is_given_on(approval, policy, bar))
			continue;
		rest.bars[bar].fingerprint = NULL;
		is_less = true;
	}
	rest.safe_bars &= now.safe_bars;
	rest.path = now.path == rest.path ? rest.path : VERDICT_UNKNOWN;
	*ret = rest;
	return is_less || rest.safe_bars != approval->safe_bars || rest.path != approval->path;
}

bool taken_unapproved_pin(const struct sysroot *root, const struct policy *policy, const struct pci_address *address)
{
	struct err why = { 0 };

	return !pin_is_of(policy, address) || pin_exceeds(root, policy, address, &why) == TRI_YES;
}

/* ---- in words ---- */

/*
 * A row where it is given, or where that cannot be told: 1, or a negative errno, which why says. Takes text, which may be NULL for
 * want of memory.
 */
static int say(struct drifts *drifts, const char *path, int is_given, const struct err *why, char *text)
{
	if (is_given > 0)
		return drifts_add(drifts, path, text);
	free(text);
	return !is_given || is_given == -ENOMEM ? is_given : drifts_add(drifts, path, str_printf("whether it is to be taken back cannot be told: %s", why->text));
}

/* Of one that the policy grants to others: what is wrong with it, as verify says it. NULL: memory is out. */
static char *taken_file_text(const struct sysroot *root, const struct approval *approval, const struct policy *policy, unsigned int bar)
{
	const struct write *row = policy_find(policy, WRITE_GRANT, &approval->address, bar);
	_cleanup_free_ char *fault = row ? grant_fault(root, row) : NULL;

	if (!row)
		return str_printf("granted once, and not any more: to be root's alone again");
	return fault ? str_printf("%s: to be root's alone before it is given", fault) : NULL;
}

static int say_files(const struct sysroot *root, const struct approval *approval, const struct policy *policy, const char *address,
                     struct drifts *drifts)
{
	char path[PATH_SIZE];
	int r = 0;

	for (unsigned int bar = 0; r == 0 && bar < BAR_MAX; bar++) {
		struct err why = { 0 };

		if (!taken_file(root, approval, policy, bar))
			continue;
		snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/resource%u_wc", address, bar);
		r = say(drifts, path, grant_is_given(root, approval, bar, &why), &why, taken_file_text(root, approval, policy, bar));
	}
	return r;
}

static int say_driver(const struct sysroot *root, const struct approval *approval, const char *address, struct drifts *drifts)
{
	const char *before = approval->before.driver ?: "none";
	char path[PATH_SIZE], *text;
	struct err why = { 0 };

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver_override", address);
	/* Of an approval that cannot be read nobody knows what was there before. */
	text = approval->is_readable ? str_printf("set once for " VARIANT_DRIVER ", and not any more: to be as before; if that is its driver, or none is, it gets again: %s", before)
	                             : str_printf("set for " VARIANT_DRIVER ", and what was before is not known: to stay, with nothing write-combining");
	return say(drifts, path, variant_is_given(root, approval, &why), &why, text);
}

static int say_approval(const struct sysroot *root, const struct approval *approval, const struct policy *policy, struct drifts *drifts)
{
	char address[PCI_ADDRESS_SIZE], path[PATH_SIZE];
	struct err why = { 0 };
	int r;

	pci_address_format(&approval->address, address);
	snprintf(path, sizeof(path), APPROVALS_DIR "/%s.json", address);
	r = say_files(root, approval, policy, address, drifts);
	if (r == 0 && taken_driver(approval, policy))
		r = say_driver(root, approval, address, drifts);
	if (r < 0)
		return r;
	if (approval_check_read(root, approval, &why) < 0)
		return drifts_add(drifts, path, str_printf("what it approved cannot be read: to stay, and nothing is given: %s", why.text));
	return taken_approval(approval, policy) ? drifts_add(drifts, path, str_printf("approved once, and nothing of it is granted any more: to be removed")) : 0;
}

/* Is a pin that the policy has one that apply ends, to have it begin anew. */
static bool begins_anew(const struct sysroot *root, const struct policy *policy, const struct pci_address *address)
{
	for (size_t i = 0; i < policy->n; i++) {
		const struct write *write = &policy->at[i];
		struct err why = { 0 };

		if (write->kind == WRITE_PIN && !pci_address_compare(&write->address, address) && pin_look(root, write, &why) == TRI_NO)
			return true;
	}
	return false;
}

static int say_pin(const struct sysroot *root, const struct approval *approval, const struct policy *policy, const struct pci_address *address,
                   struct drifts *drifts)
{
	char text[PCI_ADDRESS_SIZE], path[PATH_SIZE];
	struct err why = { 0 };
	pid_t pid = 0;
	int q;

	pci_address_format(address, text);
	snprintf(path, sizeof(path), RUN_DIR "/" PIN_LOCK, text);
	q = pin_holder(root, address, &why, &pid);
	if (q == 0 && !pid)
		return 0;
	if (!pin_is_of(policy, address))
		return say(drifts, path, q < 0 ? q : 1, &why,
		           str_printf("process %d pins the device, and the policy does not: to be ended", (int)pid));

	enum tri exceeds = q < 0 ? TRI_UNKNOWN : pin_exceeds(root, policy, address, &why);

	if (exceeds == TRI_YES || (q == 0 && approval && taken_pin(approval, policy)))
		return drifts_add(drifts, path, str_printf("process %d holds a BAR that the policy does not pin: to be ended, and another begun", (int)pid));
	if (q == 0 && begins_anew(root, policy, address))
		return drifts_add(drifts, path, str_printf("process %d does not hold what the policy pins: to be ended, and another begun", (int)pid));
	return exceeds == TRI_UNKNOWN ? drifts_add(drifts, path, str_printf("which BARs the process holds cannot be told: %s", why.text)) : 0;
}

static int say_pins(const struct sysroot *root, const struct approvals *approvals, const struct policy *policy, struct err *err,
                    struct drifts *drifts)
{
	_cleanup_(pins_done) struct pins pins = { 0 };
	int r = pin_list(root, &pins);

	if (r < 0)
		return err_errno(err, r, "unreadable", "%s" RUN_DIR, root->name);
	for (size_t i = 0; r == 0 && i < pins.n; i++)
		r = say_pin(root, approvals_find(approvals, &pins.at[i]), policy, &pins.at[i], drifts);
	return r;
}

static int say_marks(const struct sysroot *root, const struct policy *policy, struct err *err, struct drifts *drifts)
{
	_cleanup_(strs_done) struct strs foreign = { 0 };
	struct err why = { 0 };
	int r = marks_foreign(root, policy, &why, &foreign);

	if (r == -ENOMEM)
		return err_errno(err, r, "unreadable", "%s" MARKS_DIR, root->name);
	if (r < 0)
		return say(drifts, MARKS_DIR, r, &why, NULL);
	for (size_t i = 0; r == 0 && i < foreign.n; i++)
		r = drifts_add(drifts, foreign.at[i], str_printf("warns of a path that is not unsafe: to be removed"));
	return r;
}

int policy_taken(const struct sysroot *root, const struct policy *policy, struct err *err, struct drifts *ret)
{
	_cleanup_(approvals_done) struct approvals approvals = { 0 };
	_cleanup_(drifts_done) struct drifts drifts = { 0 };
	int r = approvals_read(root, err, &approvals);

	for (size_t i = 0; r == 0 && i < approvals.n; i++)
		r = say_approval(root, &approvals.at[i], policy, &drifts);
	if (r == 0)
		r = say_pins(root, &approvals, policy, err, &drifts);
	if (r == 0)
		r = say_marks(root, policy, err, &drifts);
	if (r < 0)
		return r;
	*ret = drifts;
	drifts = (struct drifts){ 0 };
	return 0;
}
