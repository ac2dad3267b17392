/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * Knows how the user of a device that is bound to pciwc-vfio-pci asks for
 * write-combining: a private VFIO_DEVICE_FEATURE. Should the kernel ever give
 * this number a meaning of its own, the kernel's is the one that is answered.
 */
#ifndef PCIWC_VFIO_H
#define PCIWC_VFIO_H

#include <linux/types.h>

#define PCIWC_VFIO_FEATURE_WC	0xfe57

/*
 * GET: which ranges may be write-combining. The caller's argsz says for how
 * many ranges it has room, nr_ranges how many there are; flags says whether
 * SET has been done.
 * SET: only flags is read; with PCIWC_VFIO_WC_ON set, each later mmap() wholly
 * inside a range is write-combining, with it clear only those inside ranges
 * without PCIWC_VFIO_RANGE_REQUEST. Mappings that exist stay as they are. It
 * holds for all files of this device until the last is closed.
 * Errors: EINVAL unknown flags, too short; ENOENT no range is on request;
 * EFAULT.
 */
struct pciwc_vfio_range {
	__u32 bar;
	__u32 flags;
#define PCIWC_VFIO_RANGE_REQUEST	(1 << 0)	/* only after SET */
#define PCIWC_VFIO_RANGE_ACTIVE		(1 << 1)	/* mmap() now gives WC */
	__u64 offset;
	__u64 size;
};

struct pciwc_vfio_wc {
	__u32 flags;
#define PCIWC_VFIO_WC_ON		(1 << 0)
	__u32 nr_ranges;
	struct pciwc_vfio_range ranges[];
};

#endif
