# shellcheck shell=bash
# Knows two disks with a controller memory buffer, of either kind, and a device behind an equal root port and behind one of another id.
# SPDX-License-Identifier: GPL-2.0-or-later
# full: aarch64

device cmb 1
device vnet
device vnet '' ioh3420
device oldcmb 1
time_limit 900                                  # each of the buffer's words is trapped, and a busy host takes a minute a probe
boot
