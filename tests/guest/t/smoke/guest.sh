# shellcheck shell=sh
# Knows what every other test takes for granted: the kernel, udev, the devices, their files, the users, vfio, the host.
# SPDX-License-Identifier: GPL-2.0-or-later
pci=/sys/bus/pci/devices

check "udevd runs" udevadm control --ping
is "$(pci_find 1af4:1110 | tr '\n' ' ')" "0000:01:00.0 0000:03:00.0 " "two ivshmem, at the addresses that their order gives"
is "$(pci_find 1b36:0005)" 0000:02:00.0 "and the hole between them"
like "$(lspci -s 01:00.0)" "Inter-VM shared memory" "lspci knows its name"
like "$(udevadm info -q property $pci/0000:01:00.0)" "ID_VENDOR_FROM_DATABASE=Red Hat" "and so does udev"

first=$pci/0000:01:00.0
is "$(stat -c '%a %U %s' $first/resource2_wc)" "600 root 16777216" "BAR 2 has a write-combining file, only root's"
is "$(stat -c %s $pci/0000:03:00.0/resource2_wc)" 33554432 "the second one's is as large as asked for"
echo 1 > $first/enable
echo 1 > $pci/0000:03:00.0/enable

is "$(as alice id -un) $(as alice id -g) $(as alice id -Gn | tr " " "\n" | sort | tr "\n" " ")" "alice 1000 alice pciwc " "alice is alice, and in the group pciwc"
is "$(as bob id -G)" 1001 "bob is not"
exits 3 "alice cannot open the file" as alice /guest/poke $first/resource2_wc 0
chgrp pciwc $first/resource2_wc
chmod 660 $first/resource2_wc
check "with the group's permission she can" as alice /guest/poke $first/resource2_wc 0
exits 3 "bob still cannot" as bob /guest/poke $first/resource2_wc 0

check "a word is written through resource2" /guest/poke $first/resource2 64 0x12349a78
is "$(/guest/poke $first/resource2_wc 64)" 0x12349a78 "and read back through resource2_wc"
is "$(host byte 65)" 9a "the host sees it in the middle of the run"
check "the second is written" /guest/poke $pci/0000:03:00.0/resource2 0 0x5eed0002
like "$(host port)" '^4$' "the host answers with what QEMU says"
exits 127 "a call that host.sh does not have fails" host nonsense

check "vfio-pci binds" bind 0000:01:00.0 vfio-pci
is "$(basename "$(readlink $first/driver)")" vfio-pci "and is the driver"
check "its group has a file" test -c "/dev/vfio/$(basename "$(readlink $first/iommu_group)")"
