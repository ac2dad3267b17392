# shellcheck shell=bash disable=SC2317 # the guest calls them
# Knows one device, and what its memory held before.
# SPDX-License-Identifier: GPL-2.0-or-later

device ivshmem
memory=$BACKING

host_fill() { head -c 16M /dev/urandom | tee "$WORK/saved" | dd of="$memory" conv=notrunc status=none; }
host_same() { cmp "$WORK/saved" "$memory"; }

time_limit 600
boot
