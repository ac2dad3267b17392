# shellcheck shell=bash
# Knows a disk with a buffer that its driver uses, too, and a machine that is locked down the second time.
# SPDX-License-Identifier: GPL-2.0-or-later

device ivshmem
device oldcmb 1
boot
same_disk
append lockdown=integrity
boot
