# shellcheck shell=bash disable=SC2317 # the guest calls them
# Knows a memory, one with power management (an NVMe disk's persistent memory region), one behind a switch, beside a network card that reports
# errors; on x86_64 also one that reports them itself (a screen's, which QEMU has for no other architecture).
# SPDX-License-Identifier: GPL-2.0-or-later

device ivshmem
device pmr 1M
device port
qemu -device x3130-upstream,bus=rp3,id=up
for down in 1 2; do qemu -device "xio3130-downstream,bus=up,id=down$down,chassis=1$down"; done
qemu -device virtio-net-pci,romfile=,aer=on,bus=down2,id=net
qemu -object memory-backend-ram,id=far,size=1M,share=on -device ivshmem-plain,memdev=far,bus=down1
if [ "$ARCH" = x86_64 ]; then
    device vvga
    qemu -device VGA,romfile=,addr=0x3          # else that is the screen of the boot, which is never probed
fi
# an access that nobody answers ends there as on most machines: not in all-ones, but in an abort
[ "$ARCH" != aarch64 ] || qemu -global gpex-pcihost.allow-unmapped-accesses=off

host_error() { hmp "pcie_aer_inject_error $*"; }

time_limit 600
boot
