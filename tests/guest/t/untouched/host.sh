# shellcheck shell=bash
# Knows the devices among which only the first is memory by the database's word; the disk could have a controller memory buffer, and has none; the
# last is memory by nobody's word but a site's, and is not.
# SPDX-License-Identifier: GPL-2.0-or-later

device ivshmem
device vnet
device pmr
device edu
device hole
time_limit 300                                  # under strace everything takes long
boot
