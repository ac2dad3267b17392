# shellcheck shell=sh disable=SC2154 # the helpers set them
# Knows whom a probe gives way to, that it names them, and that it then has touched nothing.
# SPDX-License-Identifier: GPL-2.0-or-later
# full: aarch64
memory=0000:01:00.0 nvme=0000:02:00.0 other=0000:03:00.0
devices=/sys/bus/pci/devices

# refused ADDRESS WHAT REASON TEXT: a probe of it ends with this reason
refused() {
    before=$(state "$1")
    exits 3 "$2: it is not probed" traced sh -c "pciwc --json probe $1:2 > /share/probe.json"
    like "$(host json probe.json "devices/$1/bars/2/reasons/$3/text")" "$4" "$2: and it is said why"
    like "$(host json probe.json "devices/$1/bars/2/next")" . "$2: and what to do"
    is "$(opened)" "" "$2: no BAR is opened"
    is "$(state "$1")" "$before" "$2: the device is as it was"
    check "$2: and so is its memory" host same
    is "$(pciwc journal)" "the journal is empty: no probe was interrupted" "$2: nothing is in the journal"
}

site "$(accepts virtual-platform entry:ivshmem-arm64-guest)" '"minimum": {"gain": 0}' \
    "\"scratch\": [{\"device\": \"$nvme\", \"bar\": 2, \"offset\": \"0x0\", \"size\": \"0x100000\"}]"
host fill

# ---- another driver ----

is "$(basename "$(readlink $devices/$nvme/driver)")" nvme "the disk has its driver"
refused $nvme "a disk in use" busy "the driver nvme is bound"
modprobe pci-stub 2> /dev/null || true
if bind $memory pci-stub; then refused $memory "a device of another driver" busy "the driver pci-stub is bound"
else skip "this kernel has no pci-stub"; fi
unbind $memory
echo > $devices/$memory/driver_override

# ---- another process ----

setpci -s $memory COMMAND=2
for file in resource2 resource2_wc; do
    /guest/poke $devices/$memory/$file 0 hold > /tmp/held &
    holder=$!
    await 10 grep -q held /tmp/held
    refused $memory "$file mapped by a process" busy "process $holder \(poke\) has it mapped: .*/$file"
    kill $holder
    wait $holder || true
    rm /tmp/held
done

check "vfio-pci binds" bind $memory vfio-pci
group=/dev/vfio/$(basename "$(readlink $devices/$memory/iommu_group)")
exec 3<> "$group"
refused $memory "its VFIO group in use" busy "somebody else has its VFIO group open \($group\)"
exec 3>&-
unbind $memory
echo > $devices/$memory/driver_override

# ---- another pciwc ----

begin pciwc --json probe $memory:2
stop middle background || not_ok "a probe gets to its second step"
before=$(state $other)
exits 3 "another device is not probed meanwhile" traced sh -c "pciwc --json probe $other:2 > /share/probe.json"
like "$(host json probe.json devices/$other/bars/2/reasons/busy/text)" "another pciwc is running" "for another pciwc runs"
is "$(opened)" "" "no BAR is opened"
is "$(state $other)" "$before" "the device is as it was"
go_on
ended
is "$code $(host json begun.json devices/$memory/bars/2/verdict)" "0 safe" "the first goes on undisturbed"
check "and restores what it found" host same

# ---- it goes ----

# pciwc has looked at the machine, and stops where it takes its lock, which it opens by this name below /run/pciwc.
strace -f -qq -P lock -e trace=openat -e inject=openat:signal=SIGSTOP -o /tmp/lock \
    sh -c "pciwc --json probe $other:2 > /share/probe.json" &
tracer=$!
check "a probe has seen a device" await 30 grep -q "stopped by SIGSTOP" /tmp/lock
like "$(head -n 1 /tmp/lock)" '"lock"' "and is about to claim it"
echo 1 > $devices/$other/remove
kill -CONT "$(pidof pciwc)"
code=0
wait $tracer || code=$?
is "$code" 3 "which has vanished when it is claimed: it is not probed"
like "$(host json probe.json devices/$other/bars/2/reasons/busy/text)" "\(vanished\): $other: the device has gone" "and that is said"
is "$(pciwc journal)" "the journal is empty: no probe was interrupted" "nothing is in the journal"
echo 1 > /sys/bus/pci/rescan
check "it comes back" await 30 test -e $devices/$other/resource2_wc
before=$(state $other)
is "$(cat $devices/$other/driver_override)" "(null)" "as if nothing had been"
