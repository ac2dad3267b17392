# shellcheck shell=bash
# Knows the devices of the claim's test, looks at their far side, and does to them what a guest cannot.
# SPDX-License-Identifier: GPL-2.0-or-later

device ivshmem
memory=$BACKING
device ivshmem
device vnet
device ivshmem 16M "$HOT_PLUG"

host_sum() { sha256sum < "$memory" | cut -c1-16; }
host_fill() { head -c 16M /dev/urandom | dd of="$memory" conv=notrunc status=none; }
host_error() { hmp "pcie_aer_inject_error $*"; }

time_limit 600
boot
append lockdown=integrity
boot
