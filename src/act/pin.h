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
#include "base/strs.h"
#include "base/sysroot.h"
#include "model/policy.h"

/*
 * A pin holds a POSIX lock on RUN_DIR/PIN_LOCK of its device, which only root can open: the kernel then says who it is, for
 * as long as it lives. The argument is the device's address as text.
 */
#define PIN_LOCK "pin-%s.lock"
#define PIN_LOCK_SIZE (PCI_ADDRESS_SIZE + 16)

/* The process that pins the device; 0: none, or nobody whom this process could see. */
pid_t pin_holder(const struct sysroot *root, const struct pci_address *address);
/* What is wrong with the row's pin, in words that go on "not pinned: "; NULL: all is well. */
const char *pin_fault(const struct sysroot *root, const struct write *write);
bool pin_is_so(const struct sysroot *root, const struct write *write);
/*
 * Makes udev look at the device again, whose rule starts the service where systemd runs, and waits for it a little. That
 * nobody holds it then is a warning with what to type, and no error: the approval is there, and policy verify says it. A
 * pin that holds something else is ended first. Id "vanished".
 */
int pin_give(const struct sysroot *root, const struct write *write, struct err *err, bool *ret_changed);
/* Ends the device's pin and waits for its end. What VFIO has mapped meanwhile keeps its type. Id "cannot-end". */
int pin_take(const struct sysroot *root, const struct pci_address *address, struct err *err, bool *ret_changed);
/* Makes udev look at the device again, when it is there. */
void pin_announce(const struct sysroot *root, const struct pci_address *address);
/* The files in RUN_DIR of all pins that are held now, whoever approved them. */
int pin_list(const struct sysroot *root, struct strs *ret_files);
/* Has the policy a pin for whoever holds this file of pin_list. */
bool pin_is_of(const char *file, const struct policy *policy);

/*
 * Becomes two: a child that holds the BARs of the policy's pins of this device, with no privilege, descriptor or system
 * call but what waiting needs, and that ends at SIGTERM, when the device goes, or when one of these BARs moves or changes
 * its size; and the caller, which goes on when the child holds. The mappings' type is verified where the kernel's list can be read. Ids "vanished", "changed" (another BAR
 * than the one that was judged), "busy" (somebody uses it already, or it is pinned), "not-wc", "no-jail".
 */
int pin_hold(const struct sysroot *root, const struct policy *policy, const struct pci_address *address, struct err *err,
             pid_t *ret_holder);
