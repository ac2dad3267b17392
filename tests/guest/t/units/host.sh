# shellcheck shell=bash
# Knows a machine that systemd boots, the second time with an approval and the project's units on disk.
# SPDX-License-Identifier: GPL-2.0-or-later
device ivshmem 16M
device ivshmem 16M
device ivshmem 16M
systemd
[ "$ARCH" != x86_64 ] || append iomem=relaxed    # without it a pin helps nobody before Linux 7.2
boot
same_disk
boot
