/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pin: a process of its own, a device, that holds the whole resourceN_wc of BARs mapped and never touches them. On x86 the
 * first mapping of a BAR decides its memory type, so that what VFIO maps while a pin holds is write-combining.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "act/approvals.h"
#include "base/err.h"
#include "base/sysroot.h"
#include "model/policy.h"
#include "model/tri.h"

/*
 * A pin holds a POSIX lock on RUN_DIR/PIN_LOCK of its device, which only root can open: the kernel then says who it is, for
 * as long as it lives. The argument is the device's address as text.
 */
#define PIN_LOCK "pin-%s.lock"
#define PIN_LOCK_SIZE (PCI_ADDRESS_SIZE + 16)

/*
 * The process that pins the device; *ret 0: none. A negative errno with err: that could not be found out; ids "unreadable",
 * "untrusted-dir", and "hidden": somebody does whom this process cannot see.
 */
int pin_holder(const struct sysroot *root, const struct pci_address *address, struct err *err, pid_t *ret);
/*
 * Is the row's BAR pinned as it should be. TRI_NO: why says what is wrong, in words that go on "not pinned: ". TRI_UNKNOWN:
 * why says what could not be looked at. TRI_YES: why is empty, or says that nobody can tell the type.
 */
enum tri pin_look(const struct sysroot *root, const struct write *write, struct err *why);
/*
 * Does the process that pins the device hold a BAR of it that the policy does not pin; one that was judged before is held until
 * the process ends. TRI_UNKNOWN: why says what could not be looked at.
 */
enum tri pin_exceeds(const struct sysroot *root, const struct policy *policy, const struct pci_address *address, struct err *why);
/*
 * Makes udev look at the device again, whose rule starts the service where systemd runs, and waits for it a little. That
 * nobody holds it then is a warning with what to type, and no error: the approval is there, and policy verify says it. A
 * pin that holds something else is ended first; one that cannot be looked at is left, with a warning. Id "vanished".
 */
int pin_give(const struct sysroot *root, const struct write *write, struct err *err, bool *ret_changed);
/*
 * Ends the device's pin and waits for its end; who does not heed SIGTERM is killed after some seconds. What VFIO has mapped
 * meanwhile keeps its type. Id "cannot-end", and pin_holder's.
 */
int pin_take(const struct sysroot *root, const struct pci_address *address, struct err *err, bool *ret_changed);

struct pins {
	struct pci_address *at;
	size_t n;
};

void pins_done(struct pins *pins);
/* The devices that somebody has pinned once, by the files in RUN_DIR; pin_holder tells whether they are now. */
int pin_list(const struct sysroot *root, struct pins *ret);
/* Has the policy a pin of this device. */
bool pin_is_of(const struct policy *policy, const struct pci_address *address);

struct pin {
	pid_t pid;
	bool is_type_verified; /* false: the kernel's list cannot be read */
};

/*
 * Becomes two: a child that holds the BARs of the policy's pins of this device, with no privilege, descriptor or system
 * call but what waiting needs, and that ends at SIGTERM, when the device goes, or when one of these BARs moves or changes
 * its size; and the caller, which goes on when the child holds. The mappings' type is verified where the kernel's list can
 * be read. lock: the caller's, which the child closes before all else; -1: none. Ids "vanished", "changed" (another BAR than
 * the one that was judged), "busy" (somebody uses it already, or it is pinned), "not-wc", "no-jail".
 */
int pin_hold(const struct sysroot *root, const struct policy *policy, const struct pci_address *address, int lock,
             struct err *err, struct pin *ret);
/* Judges what is there at this moment, and renders it. 0, or a negative errno with err. */
typedef int (*pin_judge)(void *data, struct err *err, struct policy *ret);
/*
 * pin_hold of what judge, which is called once, says, and is on file as the device's approval; otherwise id "refused". Judged and
 * begun it is under LOCK_POLICY and LOCK_PROBE: who takes an approval back sees the pin, or this sees that the approval is
 * another one, and what a probe has found is judged by. Nobody who holds LOCK_POLICY may wait for a pin to begin. It waits
 * for who probes.
 */
int pin_begin(const struct sysroot *root, const struct pci_address *address, pin_judge judge, void *data, struct err *err,
              struct pin *ret);
