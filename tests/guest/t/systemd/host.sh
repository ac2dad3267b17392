# shellcheck shell=bash
# Knows a guest with systemd as its first process.
# SPDX-License-Identifier: GPL-2.0-or-later
device ivshmem 16M
systemd
boot
