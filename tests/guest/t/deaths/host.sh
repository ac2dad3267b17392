# shellcheck shell=bash disable=SC2317 # the guest calls them
# Knows two devices, the first of which leaves the running machine in the middle of a probe, and what takes its place.
# SPDX-License-Identifier: GPL-2.0-or-later

device ivshmem 16M "$HOT_PLUG"
memory=$BACKING
device ivshmem
# an access that nobody answers ends there as on most machines: not in all-ones, but in an abort
[ "$ARCH" != aarch64 ] || qemu -global gpex-pcihost.allow-unmapped-accesses=off

host_look() { cp "$memory" "$WORK/looked"; }
host_changed() { ! cmp -s "$WORK/looked" "$memory"; }
host_unplug() { unplug 1; }
host_plug() { plug 1; }

time_limit 900
boot
