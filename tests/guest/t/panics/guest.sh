# shellcheck shell=sh disable=SC2154 # the helpers set them
# Knows that the next boot says in which step the host died, whichever it was, and that until this is cleared nothing is proven or probed.
# SPDX-License-Identifier: GPL-2.0-or-later
# of_step STEP: the device whose probe has it; only a controller memory buffer is found first, and hidden again
of_step() { case $1 in locate | conceal) echo 0000:02:00.0 ;; *) echo 0000:01:00.0 ;; esac; }
verdict() { pciwc --json list > /share/list.json && host json list.json devices/$address/bars/2/verdict; }

site "$(accepts virtual-platform entry:ivshmem-arm64-guest)" '"minimum": {"gain": 0}'
mkdir -p /var/lib/pciwc
check "boot $BOOT: the disk mounts" mount -t ext4 /dev/disk/by-id/virtio-state /var/lib/pciwc

if [ -n "$DIED" ]; then
    address=$(of_step "$DIED")
    like "$(pciwc journal)" "^$address BAR 2: the host died in step $DIED( \(.*\))?, boot $(cat /var/lib/pciwc/boot)$" "$DIED: the journal says so"
    is "$(verdict)" unknown "$DIED: nothing is proven"
    exits 3 "$DIED: it is not probed again" traced pciwc probe $address:2
    is "$(opened)" "" "$DIED: nor opened"
    check "$DIED: it is cleared" pciwc journal clear
fi
address=$(of_step "$STEP")
disk=0000:02:00.0
await 20 test -e /sys/bus/pci/devices/$disk/driver || true
unbind $disk
# CC and CMBMSC: as after power on its buffer is hidden, so that a probe shows it, and hides it again
setpci -s $disk COMMAND=2:2
for register in 0x14 0x50; do /guest/poke /sys/bus/pci/devices/$disk/resource0 $register 0; done
if [ -n "$STEP" ]; then
    cp /proc/sys/kernel/random/boot_id /var/lib/pciwc/boot
    sync
    begin pciwc --json probe --wide $address:2
    stop start "$STEP" || not_ok "the probe gets to its step $STEP"
    go_on
    echo c > /proc/sysrq-trigger
fi
begin pciwc --json probe $address:2
ended
is "$code $(verdict)" "0 safe" "at last it is probed, and safe"
