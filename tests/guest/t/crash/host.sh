# shellcheck shell=bash
# Knows a machine that dies in the middle of a probe, and comes back with the same disk.
# SPDX-License-Identifier: GPL-2.0-or-later

device ivshmem
head -c 16M /dev/urandom > "$BACKING"
disk state
time_limit 300
boot --dies
boot
