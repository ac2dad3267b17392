# shellcheck shell=sh
# Knows that on Device memory the test of unaligned access tells exactly the stores that fault there, and puts back what it stored over.
# SPDX-License-Identifier: GPL-2.0-or-later
# arches: aarch64
address=0000:01:00.0
device=/sys/bus/pci/devices/$address
offset=$((2 << 20)) size=$((64 << 10))

steps() { /guest/step $device/resource2 "$1" $offset $size save background unaligned restore; }
number() { printf '%s\n' "$output" | sed -n "s/^ *$1 //p"; }

setpci -s $address COMMAND=2:2
before=$(host digest)
check "the steps run on the Device mapping" steps $device/resource2
like "$output" '^unaligned: fail: unaligned-access: .*SIGBUS \(BUS_ADRALN\)' "unaligned access fails there"
# Of a line's 64 offsets those that the width does not divide (Arm ARM, B2.7.2: Device memory, alignment), and the same at a page's end.
is "$(number faults_2) $(number faults_4) $(number faults_8)" "32 48 56" "by each store that is not aligned, and no other"
is "$(number faults)" $((32 + 48 + 56 + 11)) "and each across a page's end"
like "$output" '2 bytes: all misaligned \(32\); 4 bytes: all misaligned \(48\); 8 bytes: all misaligned \(56\)' "which it says"
like "$output" '^restore: pass' "what was there is put back"
is "$(host digest)" "$before" "as the far side sees it"

check "the steps run on the Normal-NC mapping" steps $device/resource2_wc
like "$output" '^unaligned: pass' "unaligned access passes there"
is "$(host digest)" "$before" "and what was there is put back"
