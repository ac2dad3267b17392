# shellcheck shell=bash disable=SC2154 # run sets it
# Knows the memory that is probed, and whether it is as it was. CALLS=all: one call of each kind, file and phase fails, as in the full form on
# x86_64; CALLS=each: all of them.
# full: aarch64
# SPDX-License-Identifier: GPL-2.0-or-later

device ivshmem 1M
calls=${CALLS:-$([ -z "$full" ] || [ "$ARCH" != x86_64 ] || echo all)}

time_limit 9000
guest_env CALLS "$calls"
boot
