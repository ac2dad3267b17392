# shellcheck shell=bash
# Knows the PCI devices that a test can plug in, each behind a root port of its own, and the disks.
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   device KIND [SIZE [PORT]]    the Nth call: root port id rpN at 0000:00:(N+7).0, device id devN at 0000:0N:00.0. Sets BACKING to the
#                         host's file behind its memory, where it has one (also backing N). PORT is another model of root port, with other
#                         ids: ioh3420;
#                         HOT_PLUG, for a device that is to be pulled out, has a slot: the kernel resets through it, which takes emulated
#                         ones seconds, each time that a VFIO user opens or closes the device
#   no_devices            the next ones are those of another machine: the count begins anew
#   unplug N              takes device N out of the running guest, and waits until it is gone
#   plug N                puts an ivshmem into root port N; its memory is BACKING again
#   disk NAME [SIZE [LOG]]  an empty ext4, kept over the boots of a test: /dev/disk/by-id/virtio-NAME; its file is $WORK/NAME.disk. LOG gets
#                         each write and flush of a boot, as dm-log-writes has them
#
# kind      BAR                      what is behind it
# ivshmem   2, 64-bit prefetchable   RAM which is a file on the host: its far side can be seen, and corrupted
# bochs     0, 32-bit prefetchable   RAM (a display)
# svga      0, 32-bit prefetchable   RAM (a VGA display, revision 2)
# oldsvga   0, 32-bit prefetchable   the same with revision 0
# cmb       2, prefetchable          trapped MMIO that reads back (NVMe controller memory buffer, shown by CMBMSC.CRE as since NVMe 1.4)
# oldcmb    2, prefetchable          the same, always shown as in NVMe 1.2
# pmr       4, prefetchable          a hole until enabled, then BACKING (NVMe persistent memory region)
# hole      2, prefetchable          nothing: stores vanish (pci-testdev)
# vgpu      4, prefetchable          trapped registers, which must never be written (virtio-gpu)
# vnet      4, prefetchable          trapped registers (virtio-net, with AER)
# vvga      0, 32-bit prefetchable   RAM (a VGA display which is virtio's, too, with AER)
# edu e1000e igb                     not prefetchable
# port                               a root port with nothing in it, to plug something in later

DEVICES=()
DEVICE_COUNT=0
HOT_PLUG=pcie-root-port

# A row: QEMU's -device for device N of SIZE. @FILE is a backing file of SIZE.
device_row() {
    local n=$1 size=$2
    case $3 in
    ivshmem) echo "-object memory-backend-file,id=mem$n,size=${size:-16M},share=on,mem-path=@FILE -device ivshmem-plain,memdev=mem$n" ;;
    bochs)   echo "-device bochs-display,vgamem=${size:-16M}" ;;
    svga)    echo "-device secondary-vga" ;;
    oldsvga) echo "-device secondary-vga,qemu-extended-regs=off" ;;
    cmb)     echo "-device nvme,serial=cmb$n,cmb_size_mb=$((${size:-16}))" ;;
    oldcmb)  echo "-device nvme,serial=cmb$n,cmb_size_mb=$((${size:-16})),legacy-cmb=on" ;;
    pmr)     echo "-object memory-backend-file,id=mem$n,size=${size:-16M},share=on,mem-path=@FILE -device nvme,serial=pmr$n,pmrdev=mem$n" ;;
    hole)    echo "-device pci-testdev,membar=${size:-1M}" ;;
    vgpu)    echo "-device virtio-gpu-pci" ;;
    vnet)    echo "-device virtio-net-pci,romfile=,aer=on" ;;
    vvga)    echo "-device virtio-vga,romfile=,aer=on" ;;
    edu)     echo "-device edu" ;;
    e1000e)  echo "-device e1000e,romfile=" ;;
    igb)     echo "-device igb,romfile=" ;;
    port)    ;;
    *)       return 1 ;;
    esac
}

no_devices() { DEVICES=() DEVICE_COUNT=0; }

backing() { echo "$WORK/device$1.memory"; }

device() {
    local n=$((++DEVICE_COUNT)) size=${2:-} port=${3:-pcie-root-port,hotplug=off} row words
    row=$(device_row "$n" "$size" "$1") || die "no such device: $1"
    [ -n "$row" ] || port=$HOT_PLUG
    # an emulated port that sleeps (since Linux 7, also on arm64) wakes nobody when something is plugged in
    [ "$port" != "$HOT_PLUG" ] || append pcie_port_pm=off
    DEVICES+=(-device "$port,id=rp$n,bus=pcie.0,chassis=$n,slot=$n,addr=$(printf '0x%x' $((n + 7)))")
    [ -n "$row" ] || return 0
    read -ra words <<< "$row,id=dev$n,bus=rp$n"
    if [[ $row = *@FILE* ]]; then
        BACKING=$(backing "$n")
        truncate -s "${size:-16M}" "$BACKING"
        words=("${words[@]//@FILE/$BACKING}")
    fi
    DEVICES+=("${words[@]}")
}

unplug() { qmp --until DEVICE_DELETED device_del "{\"id\":\"dev$1\"}"; }

# The memory is a new object: QEMU 10.0 aborts when that of a removed device is used again.
PLUGS=0
plug() {
    local mem=plug$((++PLUGS)) size
    BACKING=$(backing "$1")
    [ -f "$BACKING" ] || truncate -s 16M "$BACKING"
    size=$(stat -c %s "$BACKING")
    qmp object-add "{\"qom-type\":\"memory-backend-file\",\"id\":\"$mem\",\"size\":$size,\"share\":true,\"mem-path\":\"$BACKING\"}" &&
        qmp device_add "{\"driver\":\"ivshmem-plain\",\"id\":\"dev$1\",\"memdev\":\"$mem\",\"bus\":\"rp$1\"}"
}

disk() {
    local file=$WORK/$1.disk
    truncate -s "${2:-64M}" "$file"
    PATH=$PATH:/usr/sbin:/sbin mkfs.ext4 -q "$file"
    # what the guest synced must be there when it dies, what it did not sync must not: no host cache to hide the difference
    if [ -z "${3:-}" ]; then DEVICES+=(-drive "file=$file,format=raw,if=none,id=$1,cache=none")
    else
        touch "$3"
        DEVICES+=(-blockdev "driver=file,node-name=$1.log,filename=$3"
            -blockdev "driver=file,node-name=$1.raw,filename=$file,cache.direct=on"
            -blockdev "driver=blklogwrites,node-name=$1,file=$1.raw,log=$1.log,cache.direct=on")
    fi
    DEVICES+=(-device "virtio-blk-pci,drive=$1,serial=$1")
}
