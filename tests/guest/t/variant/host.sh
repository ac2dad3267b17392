# shellcheck shell=bash
# Knows the devices of the test of backend variant, and how their mappings look from outside; the second guest has no module.
# SPDX-License-Identifier: GPL-2.0-or-later

module
device ivshmem
device ivshmem

host_type() { memory_type 1 "$1"; }
boot
OVERLAYS=()
boot missing.sh
