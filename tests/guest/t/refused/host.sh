# shellcheck shell=bash disable=SC2317 # the guest calls them
# Knows the devices that are not to be had, and sees that their memory is not touched.
# SPDX-License-Identifier: GPL-2.0-or-later

device ivshmem
memory=$BACKING
device cmb
device ivshmem

host_fill() { head -c 16M /dev/urandom | tee "$WORK/saved" | dd of="$memory" conv=notrunc status=none; }
host_same() { cmp "$WORK/saved" "$memory"; }

time_limit 300
boot
