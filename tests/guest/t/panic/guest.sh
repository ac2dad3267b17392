# shellcheck shell=sh
# Knows what is left of two files on a disk, one synced and one not, after the kernel panicked.
# SPDX-License-Identifier: GPL-2.0-or-later
# full: aarch64
mkdir -p /mnt/journal
check "the disk mounts" mount -t ext4 /dev/disk/by-id/virtio-journal /mnt/journal

if [ "$BOOT" = 1 ]; then
    echo synced | dd of=/mnt/journal/entry conv=fsync status=none
    sync -f /mnt/journal
    echo lost > /mnt/journal/later
    ok "both files are written"
    echo c > /proc/sysrq-trigger
fi

is "$(cat /mnt/journal/entry)" synced "the synced file is there"
is "$(cat /mnt/journal/later 2> /dev/null || true)" "" "the other is not"
