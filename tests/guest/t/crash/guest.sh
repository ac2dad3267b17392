# shellcheck shell=sh disable=SC2154 # the helpers set them
# Knows what the next boot says of a probe that the host did not survive; and what is left of a pciwc that was killed.
# SPDX-License-Identifier: GPL-2.0-or-later
# full: aarch64
address=0000:01:00.0
device=/sys/bus/pci/devices/$address
bar=devices/$address/bars/2

probe() { begin pciwc --json probe $address:2; }

site "$(accepts virtual-platform entry:ivshmem-arm64-guest)" '"minimum": {"gain": 0}' \
    '"grant": [{"device": "1af4:1110", "bar": 2, "group": "pciwc", "backend": "grant"}]'
mkdir -p /var/lib/pciwc
check "boot $BOOT: the disk mounts" mount -t ext4 /dev/disk/by-id/virtio-state /var/lib/pciwc

if [ "$BOOT" = 1 ]; then
    cp /proc/sys/kernel/random/boot_id /var/lib/pciwc/first-boot
    probe
    ended
    is "$code $(host json begun.json $bar/verdict)" "0 safe" "it is safe"
    sync
    probe
    stop middle sparse || not_ok "a second probe gets to its step sparse"
    go_on
    echo c > /proc/sysrq-trigger
fi

# ---- the host died ----

first_boot=$(cat /var/lib/pciwc/first-boot)
is "$(pciwc journal)" "$address BAR 2: the host died in step sparse, boot $first_boot" "the journal shows in which step, and in which boot"
check "also to a user" as bob pciwc journal
pciwc --json journal > /share/journal.json
is "$(host json journal.json entries/sparse/device entries/sparse/bar entries/sparse/boot_id)" "$address 2 $first_boot" "and to a program"

check "list answers" sh -c "pciwc --json list > /share/list.json"
is "$(host json list.json $bar/verdict)" unknown "the BAR that was safe before is not any more"
check "explain answers" sh -c "pciwc --json explain $address:2 > /share/explain.json"
is "$(host json explain.json $bar/reasons/crashed/text)" "the host died in step sparse of an earlier probe of this BAR" "for the host died in that step"
like "$(host json explain.json $bar/next)" . "what to do about it is said"
like "$(pciwc explain $address:2)" '\$ sudo pciwc journal clear' "with the command"
exits 3 "it is not granted" pciwc policy apply
is "$(stat -c '%a %G' $device/resource2_wc)" "600 root" "its file is root's"

before=$(state $address)
exits 3 "it is not probed" traced pciwc probe $address:2
is "$(opened)" "" "nor opened"
is "$(state $address)" "$before" "nor anything changed"
like "$(pciwc probe --plan $address:2)" "is not probed" "as its plan says"
like "$(pciwc journal)" "died in step sparse" "and the journal keeps its entry"

exits 0 "what is another BAR's is not cleared" pciwc journal clear $address:4
like "$output" "died in step sparse" "and the entry is still there"
exits 0 "it is cleared" pciwc journal clear $address:2
is "$(pciwc journal)" "the journal is empty: no probe was interrupted" "and gone"
probe
ended
is "$code $(host json begun.json $bar/verdict)" "0 safe" "then it is probed again, and safe"

# ---- pciwc was killed ----

# killed WHICH: a probe, in the middle of a step
killed() {
    probe
    stop middle sparse || not_ok "$1: it gets to its step sparse"
    held=$(state $address)
    kill -KILL "$begun"
    ended
    is "$code" 137 "$1: it is killed there"
}
# followed WHERE: by a probe that puts back what the killed one has left
followed() {
    probe
    ended
    is "$code $(host json begun.json $bar/verdict)" "0 safe" "$1: the next probe is none the worse"
    like "$(cat /tmp/begun.err)" "an earlier pciwc was killed here" "$1: it says what it found"
    is "$(state $address)" "$before" "$1: and puts back also what the first one had changed"
    is "$(pciwc journal)" "the journal is empty: no probe was interrupted" "$1: and nothing is in the journal"
}

setpci -s $address COMMAND=0404
before=$(state $address)
killed "a probe"
is_dead() { [ ! -e "/proc/$stopped" ]; }
check "its child dies with it, though it was stopped" await 10 is_dead
is "$(processes)" "" "nothing of it runs"
is "$(pciwc journal)" "$address BAR 2: left by a pciwc that was killed in, or is running, step sparse, boot $(cat /proc/sys/kernel/random/boot_id)" \
    "the journal shows it as this boot's"
is "$(state $address)" "$held" "the device is left as it was claimed"
note "left: $held"
left=$held
killed "a second probe"
is "$held $(state $address)" "$left $left" "it holds what the first one held, and leaves it so"
followed "without a driver"

# ---- the same below vfio-pci, whose device is claimed otherwise ----

check "vfio-pci binds" bind $address vfio-pci
before=$(state $address)
killed "a probe below vfio-pci"
is "$(processes)" "" "nothing of it runs"
is "$(state $address)" "$held" "the device is left as it was claimed"
note "left: $held"
followed "below vfio-pci"
