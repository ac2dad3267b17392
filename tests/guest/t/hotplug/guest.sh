# shellcheck shell=sh
# Knows that devices come and go under the eyes of udev.
# SPDX-License-Identifier: GPL-2.0-or-later
# full: x86_64
device=/sys/bus/pci/devices/0000:01:00.0

check "a device is there" test -e $device/resource2_wc
check "the host takes it out" host unplug
check "it goes" await 30 test ! -e $device
check "the host puts one in" host plug
check "it comes" await 30 test -e $device/resource2_wc
udevadm settle
like "$(udevadm info -q property $device)" "PCI_ID=1AF4:1110" "and udev has seen it"
