# shellcheck shell=bash
# Knows the ways to give a guest another machine's identity: device tree, ACPI table, DMI, CPU.
# SPDX-License-Identifier: GPL-2.0-or-later

device ivshmem
if [ "$ARCH" = aarch64 ]; then
    guest_env EXPECT dtb
    dtb_edit -t s / compatible socionext,developer-box linux,dummy-virt
    dtb_edit -t s / model "Socionext Developer Box"
    cpu cortex-a72
    boot
    dtb_reset
fi
guest_env EXPECT acpi
machine x-oem-id=Ampere "x-oem-table-id=Altra   "    # QEMU would pad it with zeros
qemu -smbios "type=1,manufacturer=It's a Maker,product=Board"
efi
boot
