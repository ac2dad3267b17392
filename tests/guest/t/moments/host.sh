# shellcheck shell=bash disable=SC2317 # the guest calls them
# Knows a device that can be pulled out, and what takes its place.
# SPDX-License-Identifier: GPL-2.0-or-later
# full: x86_64 aarch64

device ivshmem 1M "$HOT_PLUG"
device ivshmem 1M

host_plug() { plug 1; }

time_limit 2400
boot
