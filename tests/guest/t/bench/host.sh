# shellcheck shell=bash disable=SC2317 # the guest calls it
# Knows what the far side of ivshmem holds after a benchmark: what it held before.
# SPDX-License-Identifier: GPL-2.0-or-later

device ivshmem
head -c 16M /dev/urandom > "$BACKING"
saved=$WORK/saved
cp "$BACKING" "$saved"

host_same() { cmp "$saved" "$BACKING"; }

boot
