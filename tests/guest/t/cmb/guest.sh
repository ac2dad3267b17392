# shellcheck shell=sh disable=SC2154 # the helpers set them
# Knows that the controller memory buffer of an NVMe disk proves its path, for equal paths too, and that the disk is as it was.
# SPDX-License-Identifier: GPL-2.0-or-later
disk=0000:01:00.0 same=0000:02:00.0 other=0000:03:00.0 old=0000:04:00.0
pci=/sys/bus/pci/devices
bar=devices/$disk/bars/2

# register ADDRESS OFFSET [VALUE]: of the controller; its memory must be enabled
register() { /guest/poke "$pci/$1/resource0" "$2" ${3:+"$3"}; }
CC=0x14 CSTS=0x1c AQA=0x24 ASQ=0x28 ACQ=0x30 CMBSZ=0x3c CMBMSC=0x50

# free ADDRESS: takes it from its driver, awake and decoding
free() {
    unbind "$1"
    echo on > "$pci/$1/power/control"
    setpci -s "$1" COMMAND=2:2
}
all_of() { state "$1"; register "$1" $CC; register "$1" $CMBMSC; register "$1" $CMBSZ; }
probe() { pciwc --json probe "$1:2" > /share/probe.json; }
lives() { grep -qx live $pci/$disk/nvme/nvme*/state; }

site "$(accepts virtual-platform)" '"minimum": {"gain": 0}'
await 20 test -e $pci/$disk/driver -a -e $pci/$old/driver || true
is "$(basename "$(readlink $pci/$disk/driver)")" nvme "the disk has its driver"
exits 3 "so it is not probed" probe $disk
like "$(host json probe.json $bar/reasons/busy/text)" "the driver nvme is bound" "which is said"

# ---- as its driver leaves it: shut down, the buffer's registers shown ----

free $disk
free $old
like "$(pciwc probe --plan $disk:2)" "the controller memory buffer, found when it is claimed" "without it the plan is to look for its buffer"
before=$(all_of $disk)
note "$before"
exits 3 "a disk that was shut down is probed" probe $disk
[ -z "$output" ] || note "$output"
is "$(host json probe.json $bar/findings/locate/outcome)" pass "its buffer is found"
note "$(host json probe.json $bar/findings/locate/text)"
is "$(all_of $disk)" "$before" "and the disk is as it was"

# ---- as it is after power on: not shown ----

register $disk $CC 0
register $disk $CMBMSC 0
is "$(register $disk $CMBSZ)" 0x00000000 "when CMBMSC.CRE is 0 it does not show its buffer"
rm -rf /var/lib/pciwc/findings
before=$(all_of $disk)
exits 3 "it is probed then, too" probe $disk
[ -z "$output" ] || note "$output"
for step in locate save type background subword sparse bench restore; do
    echo "$step $(host json probe.json $bar/findings/$step/outcome $bar/findings/$step/scope)"
done > /tmp/findings
is "$(grep -v ' pass virtual$' /tmp/findings)" "sparse not-exercised virtual" "each step passed but sparse, for an emulator combines nothing"
is "$(all_of $disk)" "$before" "and the disk is as it was"
is "$(host json probe.json devices/$disk/path/verdict devices/$disk/path/basis)" "safe probed" "its path is proven"
is "$(host json probe.json $bar/target $bar/verdict)" "unknown unknown" "its BAR is not: of its guard pages nobody says what they are"
like "$(host json probe.json $bar/reasons)" '(^|,)target-partly(,|$)' "as it is said"

pciwc --json explain > /share/explain.json
is "$(host json explain.json devices/$same/path/verdict devices/$same/path/basis)" "safe equivalent" "the path of a device behind an equal port is proven with it"
is "$(host json explain.json devices/$other/path/verdict devices/$other/path/basis)" "unknown none" "that behind a port of another id is not"

# ---- whose buffer is not to be had ----

register $disk $AQA 0x001f001f
register $disk $ASQ 0x10000
register $disk $ACQ 0x20000
register $disk $CC 0x00460001
is "$(register $disk $CSTS)" 0x00000001 "it is enabled again, by somebody without a driver"
before=$(all_of $disk)
exits 3 "then it is not probed" probe $disk
like "$(host json probe.json $bar/reasons/busy/text)" "the controller is enabled" "for its queues may lie in its buffer"
is "$(all_of $disk)" "$before" "nor changed"
is "$(host json probe.json devices/$disk/path/basis)" probed "what was found before still holds"
register $disk $CC 0

# ---- interrupted, and killed ----

before=$(all_of $disk)
begin pciwc --json probe $disk:2
stop middle background || not_ok "the probe does not get to its background"
is "$(register $disk $CMBMSC)" 0x00000001 "while it is probed its buffer is shown"
kill -TERM $begun
go_on
ended
unlike "$code" '^0$' "an interrupted probe fails"
is "$(all_of $disk)" "$before" "and the disk is as it was"
begin pciwc --json probe $disk:2
stop middle save || not_ok "the probe does not get to its save"
kill -KILL $begun
go_on
ended
is "$(register $disk $CMBMSC)" 0x00000001 "one that is killed leaves it shown"
exits 3 "and it can be probed again" probe $disk
is "$(host json probe.json $bar/findings/restore/outcome)" pass "to its end"

# ---- the older kind, and its driver again ----

before=$(all_of $old)
exits 3 "a disk without CMBMSC is probed" probe $old
is "$(host json probe.json devices/$old/bars/2/findings/locate/outcome devices/$old/bars/2/findings/restore/outcome)" "pass pass" "to its end"
is "$(all_of $old)" "$before" "and is as it was"
check "the disk's driver binds" bind $disk nvme
check "and works" await 20 lives
