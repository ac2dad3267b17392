# shellcheck shell=bash
# Knows the topology of the smoke test, and looks at ivshmem's memory from its far side.
# SPDX-License-Identifier: GPL-2.0-or-later

device ivshmem
memory_of_first=$BACKING
device hole
device ivshmem 32M
memory_of_second=$BACKING
device vnet

host_byte() { od -An -tx1 -j "$1" -N 1 "$memory_of_first" | tr -d ' \n'; }
host_port() { hmp info qtree | grep -c pcie-root-port; }

boot

is "$(host_byte 65)" 9a "the far side has the byte after the guest is gone"
is "$(stat -c %s "$memory_of_second")" $((32 << 20)) "the second ivshmem has its own memory"
is "$(od -An -tx4 -N 4 "$memory_of_second" | tr -d ' ')" 5eed0002 "and its own contents"
