# shellcheck shell=bash disable=SC2154,SC2317 # run sets it; the guest calls them
# Knows the memory that is probed, and whether it is as it was. CALLS=all: one call of each kind, file and phase fails, as in the full form on
# x86_64; CALLS=each: all of them.
# full: aarch64
# SPDX-License-Identifier: GPL-2.0-or-later

device ivshmem 1M
memory=$BACKING
calls=${CALLS:-$([ -z "$full" ] || [ "$ARCH" != x86_64 ] || echo all)}

host_fill() { head -c 1M /dev/urandom | tee "$WORK/saved" | dd of="$memory" conv=notrunc status=none; }
host_same() { cmp "$WORK/saved" "$memory"; }

time_limit 9000
guest_env CALLS "$calls"
boot
