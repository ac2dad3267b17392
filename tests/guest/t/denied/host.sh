# shellcheck shell=bash
# Knows machines that the database denies, as far as a guest can be made to look like one.
# SPDX-License-Identifier: GPL-2.0-or-later

device ivshmem
if [ "$ARCH" = aarch64 ]; then
    guest_env ENTRY brcm-bcm2711
    guest_env FILE 30-soc-broadcom.json
    dtb_edit -t s / compatible raspberrypi,4-model-b brcm,bcm2711
    cpu cortex-a72
    boot
    dtb_reset
    guest_env ENTRY aarch64-guest-altra-or-vera-host
    guest_env FILE 10-guest.json
    cpu neoverse-n1
else
    guest_env ENTRY ampere-altra-pcie65
    guest_env FILE 30-soc-ampere.json
    machine x-oem-id=Ampere "x-oem-table-id=Altra   "    # QEMU would pad it with zeros
fi
boot
