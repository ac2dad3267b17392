/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pciwc: what a program may map write-combining of a PCI device's BAR, and how. See libpciwc(3).
 *
 * Nothing here needs a privilege, logs, exits or keeps state; each call stands for itself, in any thread. What a handle
 * gives out belongs to it. Zero is unknown, and unknown is never granted. Later versions may add enumerators: a program
 * takes one that it does not know for the one that is 0.
 */
#ifndef PCIWC_H
#define PCIWC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

struct pciwc_answer;

enum pciwc_verdict {
	PCIWC_UNKNOWN,
	PCIWC_UNSAFE,
	PCIWC_SAFE,
};

/* Is the device that is there now the one that was judged, where it was then? Only of that one anything is known or granted. */
enum pciwc_identity {
	PCIWC_DEVICE_UNKNOWN, /* some of it cannot be read, no device is there, or an earlier version published not all of it */
	PCIWC_DEVICE_SAME,
	PCIWC_DEVICE_CHANGED, /* another vendor, device, revision, subsystem or class; other ports above it; a BAR moved or resized */
};

enum pciwc_how {
	PCIWC_MAP_UNCACHED,     /* as ever: it is not granted */
	PCIWC_MAP_SYSFS,        /* map the file pciwc_answer_path() */
	PCIWC_MAP_VFIO,         /* map VFIO's region: that is write-combining */
	PCIWC_MAP_VFIO_REQUEST, /* the same, once pciwc_vfio_request() has been called on the device's file */
};

/*
 * What was published of this BAR (0 to 5) of the device at address ("0000:01:00.0"), held against the device that is
 * there now. 0, then the caller gives *ret to pciwc_answer_free(); or a negative errno, *ret untouched, and nothing is
 * granted: -ENOENT no policy was applied in this boot, -ENODEV nothing is published of this BAR, -EINVAL address or bar
 * is none, -EBADMSG the publication is not understood, -EPERM others than root could have written it, -ENOMEM, or what
 * opening or reading it came to.
 */
int pciwc_query(const char *address, unsigned int bar, struct pciwc_answer **ret);
void pciwc_answer_free(struct pciwc_answer *answer); /* NULL is allowed */

enum pciwc_identity pciwc_answer_device(const struct pciwc_answer *answer);

/* The best that holds for all of a mapping, which is widened to whole pages: PCIWC_MAP_UNCACHED for one that straddles. */
enum pciwc_how pciwc_answer_how(const struct pciwc_answer *answer, uint64_t offset, uint64_t size);

/*
 * Of the BAR as a whole; a range of it may be better off, but where the path was found unsafe after it was published
 * ("path-unsafe"), or that cannot be told ("unreadable"). The id of what speaks against it, NULL: nothing.
 */
enum pciwc_verdict pciwc_answer_verdict(const struct pciwc_answer *answer);
const char *pciwc_answer_reason(const struct pciwc_answer *answer);
const char *pciwc_answer_backend(const struct pciwc_answer *answer); /* "grant", "variant", "pin"; NULL: it is not granted */
const char *pciwc_answer_group(const struct pciwc_answer *answer);   /* whom it is granted; NULL: not to a group */
const char *pciwc_answer_path(const struct pciwc_answer *answer);    /* its resourceN_wc; NULL: not to be used */

/* The ranges, ascending, i from 0; one beyond them has the size 0, is unknown and not granted. */
size_t pciwc_answer_ranges(const struct pciwc_answer *answer);
uint64_t pciwc_range_offset(const struct pciwc_answer *answer, size_t i);
uint64_t pciwc_range_size(const struct pciwc_answer *answer, size_t i); /* bytes */
enum pciwc_verdict pciwc_range_verdict(const struct pciwc_answer *answer, size_t i);
enum pciwc_how pciwc_range_how(const struct pciwc_answer *answer, size_t i);
const char *pciwc_range_backend(const struct pciwc_answer *answer, size_t i); /* NULL: it is not granted */

/*
 * Asks the driver for write-combining, or no longer, in the ranges that give it on request only. It holds for later
 * mmap() calls, through all files of this device, until the last one is closed. 0 or a negative errno: -ENOTTY the
 * driver knows nothing of it, -ENOENT no range of this device is on request.
 */
int pciwc_vfio_request(int device_fd, bool on);
/*
 * Would mmap() of this part of the BAR now be write-combining? Asks the driver, where pciwc_query() asks what policy
 * says. 1, 0, or a negative errno: -ENOTTY the driver knows nothing of it.
 */
int pciwc_vfio_is_wc(int device_fd, unsigned int bar, uint64_t offset, uint64_t size);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
