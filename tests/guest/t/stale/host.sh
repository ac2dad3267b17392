# shellcheck shell=bash disable=SC2034,SC2154 # the harness uses what it sets
# Knows one disk that is booted on what is another machine each time: its firmware, its devices, its kernel.
# SPDX-License-Identifier: GPL-2.0-or-later

# devices_with SIZE SCREEN: the second and the third are judged; the second moves when the first has another size
devices_with() {
    no_devices
    device ivshmem "$1"
    device ivshmem
    device "$2"
}
dated() { QEMU_ARGUMENTS=(-smbios "type=0,vendor=Maker,version=1.0,date=$1"); }
boot_changed() {
    guest_env CHANGED "$1"
    boot
}

append guest.block=bochs                        # the screen's own driver
efi
kernel 6.12
dated 11/20/2026
devices_with 16M svga
boot_changed nothing
same_disk
devices_with 64M oldsvga
boot_changed devices
devices_with 16M svga
kernel newest
boot_changed kernel
[ -n "$full" ] || return 0                      # each boot is 10 s; the rest says it in the same words
kernel 6.12
dated 11/29/2026
boot_changed firmware
dated 11/20/2026
kernel newest
boot_changed forward
same_disk
kernel 6.12
boot_changed back
