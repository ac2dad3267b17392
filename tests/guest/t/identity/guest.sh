# shellcheck shell=sh
# Knows where Linux shows a machine's identity.
# SPDX-License-Identifier: GPL-2.0-or-later
case $EXPECT in
dtb)
    is "$(tr '\0' ' ' < /proc/device-tree/compatible)" "socionext,developer-box linux,dummy-virt " "the device tree's compatible is the given one"
    is "$(tr '\0' ' ' < /proc/device-tree/model)" "Socionext Developer Box " "and so is its model"
    is "$(cat /sys/devices/system/cpu/cpu0/regs/identification/midr_el1)" 0x00000000410fd083 "the CPU is a Cortex-A72" ;;
acpi)
    is "$(dd if=/sys/firmware/acpi/tables/MCFG bs=1 skip=10 count=6 2> /dev/null)" Ampere "the MCFG's OEM id is the given one"
    is "$(dd if=/sys/firmware/acpi/tables/MCFG bs=1 skip=16 count=8 2> /dev/null)" "Altra   " "and so is its table id"
    modprobe dmi-sysfs
    is "$(cat /sys/class/dmi/id/sys_vendor)" "It's a Maker" "DMI names the given maker" ;;
esac
is "$(pci_find 1af4:1110)" 0000:01:00.0 "the device is there all the same"
