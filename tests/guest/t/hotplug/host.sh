# shellcheck shell=bash
# Knows a device that is taken out of the running machine, and put back.
# SPDX-License-Identifier: GPL-2.0-or-later

device ivshmem 16M "$HOT_PLUG"
host_unplug() { unplug 1; }
host_plug() { plug 1; }
boot
