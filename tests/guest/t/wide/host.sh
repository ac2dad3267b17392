# shellcheck shell=bash
# Knows the newest emulator, which tries what older ones cannot.
# SPDX-License-Identifier: GPL-2.0-or-later
# full: x86_64 aarch64

emulator new
device ivshmem
boot
