# shellcheck shell=bash
# Knows the devices of the test of backend variant; the second guest has no module.
# SPDX-License-Identifier: GPL-2.0-or-later

module
device ivshmem
device ivshmem

boot
OVERLAYS=()
boot missing.sh
