# shellcheck shell=bash
# Knows one device, and what its memory held before.
# SPDX-License-Identifier: GPL-2.0-or-later

device ivshmem

time_limit 600
boot
