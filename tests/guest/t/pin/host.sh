# shellcheck shell=bash
# Knows the kernels on which a pin works, and the one on which it cannot unless its command line says so.
# arches: x86_64
# SPDX-License-Identifier: GPL-2.0-or-later

device ivshmem
device ivshmem

if [ "$KERNEL" = newest ]; then
    boot
else
    boot impossible.sh
    append iomem=relaxed
    boot
fi
