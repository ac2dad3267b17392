# shellcheck shell=bash
# Knows the devices of the module's test, and pulls one out.
# SPDX-License-Identifier: GPL-2.0-or-later

module
time_limit 900
device ivshmem
device cmb
device e1000e
device ivshmem 16M "$HOT_PLUG"
device igb

# begins it: the kernel waits for the user
host_unplug_begin() { qmp device_del "{\"id\":\"dev$1\"}"; }
boot
