# shellcheck shell=bash disable=SC2317 # the guest calls them
# Knows a machine that comes back with what it had on disk, with another command line, and with other devices in its slot.
# SPDX-License-Identifier: GPL-2.0-or-later

device ivshmem 16M "$HOT_PLUG"
device ivshmem
host_unplug() { unplug 1; }
host_plug() { plug 1; }
# A device with a prefetchable BAR 2, too, and other ids.
host_plug_another() { qmp device_add '{"driver":"pci-testdev","id":"dev1","membar":16777216,"bus":"rp1"}'; }

boot
same_disk
boot
append iomem=relaxed
boot
