/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * apply: takes back, then gives. An approval is on disk before its first grant and until its last is taken back, so
 * that whatever kills this in between, the next apply or revert knows of every grant; but before anything is taken back
 * no approval gives it any more, so that no event gives it again, whatever kills this, or fails, in between.
 */
#include "act/apply.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "act/grant.h"
#include "act/marks.h"
#include "act/pin.h"
#include "act/publish.h"
#include "act/taken.h"
#include "act/text.h"
#include "act/udev.h"
#include "act/variant.h"
#include "base/array.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "model/publication.h"

/* ---- taking back ---- */

struct addresses {
	struct pci_address *at;
	size_t n;
};

static bool addresses_add(struct addresses *addresses, const struct pci_address *address)
{
	struct pci_address *slot = array_add(addresses);

	if (slot)
		*slot = *address;
	return slot;
}

static bool addresses_has(const struct addresses *addresses, const struct pci_address *address)
{
	for (size_t i = 0; i < addresses->n; i++)
		if (!pci_address_compare(&addresses->at[i], address))
			return true;
	return false;
}

/* What the changes so far come to. */
struct tally {
	unsigned int changed;
	struct addresses approvals; /* of the devices whose approval is another one now */
	struct addresses stuck;     /* those of which something could not be taken back */
	struct revoked revoked;
	bool is_incomplete;         /* stuck has not all of them: for want of memory, or of approvals that could not be looked for */
};

/* Best effort: udev then knows with the next event. */
static void tally_approval(struct tally *tally, const struct pci_address *address)
{
	if (!addresses_has(&tally->approvals, address))
		(void)addresses_add(&tally->approvals, address);
}

static void tally_stuck(struct tally *tally, const struct pci_address *address)
{
	if (!addresses_add(&tally->stuck, address))
		tally->is_incomplete = true;
}

static bool is_stuck(const struct tally *tally, const struct pci_address *address)
{
	return tally->is_incomplete || addresses_has(&tally->stuck, address);
}

/*
 * Takes off the approval what the policy takes back, on disk and here: an event believes it, and so does who begins a pin. It
 * still says what has to be taken back; of that the event takes what it can.
 */
static int lessen(const struct sysroot *root, struct approval *approval, const struct policy *policy, struct err *err, struct tally *tally)
{
	struct approval rest;
	int r = taken_rest(approval, policy, &rest);

	if (r <= 0)
		return r < 0 ? err_set(err, r, "out-of-memory", "out of memory") : 0;
	r = approval_write(root, &rest, err);
	if (r < 0)
		return r;
	for (unsigned int bar = 0; bar < BAR_MAX; bar++)
		if (!rest.bars[bar].fingerprint) {
			free(approval->bars[bar].fingerprint);
			approval->bars[bar].fingerprint = NULL;
		}
	approval->path = rest.path;
	approval->safe_bars = rest.safe_bars;
	tally_approval(tally, &approval->address);
	return 0;
}

/* Takes back what the approval granted and the policy does not; the file goes when nothing of it is left. */
static int take_back(const struct sysroot *root, const struct approval *approval, const struct policy *policy,
                     struct err *err, struct tally *tally)
{
	static const struct policy nothing;
	struct approval rest;
	int r = 0;

	/* Could that not be taken off it, an event would give it again: all is taken back, so that the approval goes, too. */
	if (taken_rest(approval, policy, &rest) > 0)
		policy = &nothing;
	for (unsigned int bar = 0; bar < BAR_MAX; bar++) {
		bool is_changed = false;
		int q;

		if (!taken_file(root, approval, policy, bar))
			continue;
		q = grant_take(root, approval, bar, err, &tally->revoked, &is_changed);
		tally->changed += is_changed;
		r = r < 0 ? r : q;
	}
	if (taken_driver(approval, policy)) {
		bool is_changed = false;
		int q = variant_take(root, approval, err, &is_changed);

		tally->changed += is_changed;
		r = r < 0 ? r : q;
	}
	if (taken_pin(approval, policy)) {
		bool is_changed = false;
		int q = pin_take(root, &approval->address, err, &is_changed);

		tally->changed += is_changed;
		r = r < 0 ? r : q;
	}
	/* What a later look reads there may be to be given back: it is not removed, and its device was offered nothing new. */
	if (r == 0)
		r = approval_check_read(root, approval, err);
	if (r < 0 || !taken_approval(approval, policy))
		return r;
	r = approval_remove(root, &approval->address, err);
	if (r == 0) {
		tally->changed++;
		tally_approval(tally, &approval->address);
	}
	return r;
}

/*
 * Ends who pins what the policy does not, whatever is on file of it: the approval may have gone by another hand. Behind
 * everything that removes approvals, so that a pin that begins later finds none.
 */
static int end_unapproved(const struct sysroot *root, const struct policy *policy, struct err *err, struct tally *tally)
{
	_cleanup_(pins_done) struct pins pins = { 0 };
	int r = pin_list(root, &pins);

	if (r < 0)
		return err_errno(err, r, "unreadable", "%s" RUN_DIR, root->name);
	for (size_t i = 0; i < pins.n; i++) {
		bool is_changed = false;
		int q = !taken_unapproved_pin(root, policy, &pins.at[i]) ? 0 : pin_take(root, &pins.at[i], err, &is_changed);

		tally->changed += is_changed;
		r = r < 0 ? r : q;
	}
	return r;
}

/* All of them, also after one failed: less granted is never worse. The first error. */
static int take_back_all(const struct sysroot *root, const struct policy *policy, struct err *err,
                         struct tally *tally)
{
	_cleanup_(approvals_done) struct approvals approvals = { 0 };
	int r = approvals_read(root, err, &approvals), q;

	tally->is_incomplete = r < 0;
	sysroot_sweep(root, APPROVALS_DIR, NULL);
	sysroot_sweep(root, RUN_DIR, PUBLICATION_NAME);
	/* All of them first: taking back one may never end, and the machine begun anew. */
	for (size_t i = 0; i < approvals.n; i++) {
		q = lessen(root, &approvals.at[i], policy, err, tally);
		r = r < 0 ? r : q;
	}
	for (size_t i = 0; i < approvals.n; i++) {
		q = take_back(root, &approvals.at[i], policy, err, tally);
		if (q < 0)
			tally_stuck(tally, &approvals.at[i].address);
		r = r < 0 ? r : q;
	}
	q = end_unapproved(root, policy, err, tally);
	return r < 0 ? r : q;
}

/* ---- the whole ---- */

static int apply_nothing(const struct sysroot *root, const struct write *write, struct err *err, bool *ret_changed)
{
	(void)root;
	(void)ret_changed;
	return err_set(err, -EINVAL, "bad-policy", "%s: nothing to write", write->path);
}

static int (*const writers[])(const struct sysroot *root, const struct write *write, struct err *err, bool *ret_changed) = {
	[WRITE_NONE] = apply_nothing,    [WRITE_TEXT] = text_put,      [WRITE_GRANT] = grant_give,
	[WRITE_DRIVER] = variant_bind, [WRITE_RANGES] = variant_list, [WRITE_PIN] = pin_give,
	[WRITE_MARK] = text_put,
};

/*
 * Has the lock given back, for what an event runs waits for it; then lets udev's database know of other approvals. Where no
 * udev runs, or a device has gone, there is nothing to tell.
 */
static void tally_end(const struct sysroot *root, struct tally *tally, int *lock)
{
	close(*lock);
	*lock = -1;
	for (size_t i = 0; i < tally->approvals.n; i++)
		(void)udev_change(root, &tally->approvals.at[i]);
	free(tally->approvals.at);
	free(tally->stuck.at);
	tally->approvals = tally->stuck = (struct addresses){ 0 };
}

/* Last of all: whom it names can keep it waiting. */
static void tally_warn(const struct sysroot *root, struct tally *tally)
{
	revoked_warn(root, &tally->revoked);
	revoked_done(&tally->revoked);
}

/* ---- which rows: what starts a pin is an event, which waits for the lock; an approval that is there says what an event gives ---- */

static bool is_pin(const struct write *write)
{
	return write->kind == WRITE_PIN;
}

static bool is_not_pin(const struct write *write)
{
	return !is_pin(write);
}

static bool is_approval(const struct write *write)
{
	return write->kind == WRITE_TEXT && write->vendor;
}

static int give_row(const struct sysroot *root, const struct write *write, struct err *err, struct tally *tally)
{
	bool is_changed = false;
	int r = writers[write->kind](root, write, err, &is_changed);

	tally->changed += is_changed;
	if (is_changed && is_approval(write))
		tally_approval(tally, &write->address);
	return r;
}

/*
 * Those rows, up to one that fails. After a grant the other grants are given all the same: they stand behind all approvals, and
 * none of them rests on another. The first error.
 */
static int give_rows(const struct sysroot *root, const struct policy *policy,
                     bool (*is_meant)(const struct write *write), struct err *err, struct tally *tally)
{
	int r = 0;

	for (size_t i = 0; i < policy->n; i++) {
		const struct write *write = &policy->at[i];
		int q;

		if (!is_meant(write) || (r < 0 && write->kind != WRITE_GRANT))
			continue;
		q = give_row(root, write, err, tally);
		r = r < 0 ? r : q;
		if (q < 0 && write->kind != WRITE_GRANT)
			return r;
	}
	return r;
}

/*
 * Where nothing more is given: of the approvals that are on disk those of now, for an event gives what they say. That of a
 * device of which something could not be taken back still has to say what, and which driver it had: it stays as it is. All of
 * them, also after one failed; the first error.
 */
static int renew_approvals(const struct sysroot *root, const struct policy *policy, struct err *err, struct tally *tally)
{
	int r = 0;

	for (size_t i = 0; i < policy->n; i++) {
		const struct write *write = &policy->at[i];
		int q;

		if (!is_approval(write) || is_stuck(tally, &write->address))
			continue;
		q = sysroot_has(root, write->path);
		if (q > 0)
			q = give_row(root, write, r < 0 ? NULL : err, tally);
		else if (q < 0)
			q = err_errno(r < 0 ? NULL : err, q, "unreadable", "%s%s", root->name, write->path);
		r = r < 0 ? r : q;
	}
	return r;
}

/* After a pin failed, which nobody's lock is held for: what was judged later, and published since, stays. */
static void unpublish_pins(const struct sysroot *root, const struct policy *policy, unsigned int *changed)
{
	_cleanup_close_ int lock = -1;

	if (lock_take(root, LOCK_POLICY, true, NULL, &lock) == 0 && is_published(root, policy))
		(void)publish_paths(root, policy, NULL, changed);
}

int policy_apply(const struct sysroot *root, const struct policy *policy, int *lock, struct err *err, unsigned int *ret_changed)
{
	struct tally tally = { 0 };
	int r = take_back_all(root, policy, err, &tally), q = marks_sweep(root, policy, err, &tally.changed);

	r = r < 0 ? r : q;
	if (r == 0)
		r = give_rows(root, policy, is_not_pin, err, &tally);
	if (r < 0) {
		(void)renew_approvals(root, policy, NULL, &tally);
		(void)publish_paths(root, policy, NULL, &tally.changed);
	}
	tally_end(root, &tally, lock);
	if (r == 0) {
		r = give_rows(root, policy, is_pin, err, &tally);
		if (r < 0)
			unpublish_pins(root, policy, &tally.changed);
	}
	tally_warn(root, &tally);
	if (r < 0)
		return r;
	*ret_changed = tally.changed;
	return 0;
}

int policy_take(const struct sysroot *root, const struct policy *policy, int *lock, struct err *err, unsigned int *ret_changed)
{
	struct tally tally = { 0 };
	int r = take_back_all(root, policy, err, &tally), q;

	q = renew_approvals(root, policy, r < 0 ? NULL : err, &tally);
	r = r < 0 ? r : q;
	q = publish_paths(root, policy, r < 0 ? NULL : err, &tally.changed);
	r = r < 0 ? r : q;
	tally_end(root, &tally, lock);
	tally_warn(root, &tally);
	if (r < 0)
		return r;
	*ret_changed = tally.changed;
	return 0;
}

int policy_revert(const struct sysroot *root, struct err *err, unsigned int *ret_changed)
{
	static const struct policy none;
	_cleanup_close_ int lock = -1;
	struct tally tally = { 0 };
	int r = lock_take(root, LOCK_POLICY, true, err, &lock), q;

	if (r < 0)
		return r;
	r = unpublish(root, err, &tally.changed);
	q = take_back_all(root, &none, err, &tally);
	r = r < 0 ? r : q;
	q = marks_sweep(root, &none, err, &tally.changed);
	r = r < 0 ? r : q;
	tally_end(root, &tally, &lock);
	tally_warn(root, &tally);
	if (r < 0)
		return r;
	*ret_changed = tally.changed;
	return 0;
}
