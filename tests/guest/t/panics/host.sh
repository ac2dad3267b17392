# shellcheck shell=bash
# Knows a machine that dies in each step of a probe, and comes back with the same disk.
# SPDX-License-Identifier: GPL-2.0-or-later
# full: x86_64 aarch64

device ivshmem
device cmb 1
disk state
time_limit 300
guest_env DIED ''
for step in save type background subword unaligned sparse wide64 wide128 libc order drain coherent burst quiet bench restore locate conceal; do
    guest_env STEP $step
    boot --dies
    guest_env DIED $step
done
guest_env STEP ''
boot
