# shellcheck shell=bash disable=SC2317 # the guest calls them
# Knows one device, and what its memory held before.
# SPDX-License-Identifier: GPL-2.0-or-later

device ivshmem
memory=$BACKING

# beside what a step of the probe stores, so that it finds it
host_damage() { printf X | dd of="$memory" bs=1 seek=$((0x3fffff)) conv=notrunc status=none; }

time_limit 600
boot
