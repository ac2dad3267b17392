# shellcheck shell=sh
# Knows the benchmark of a claimed BAR: tests come first and once, every instruction is measured, and all is put back.
# SPDX-License-Identifier: GPL-2.0-or-later
# full: aarch64
address=0000:01:00.0
record=/var/lib/pciwc/findings/$address-bar2.json
bench="bench --size 4096 --streams 1 $address:2"

site "$(accepts virtual-platform entry:ivshmem-arm64-guest)"
before=$(state $address)

refuse "an ordinary user may not bench a BAR" as alice pciwc bench $address:2
exits 0 "root may" sh -c "pciwc --json $bench > /share/first.json"
check "its contents are as they were" host same
is "$(state $address)" "$before" "and so is the device"
check "the tests came first: their record is kept" test -s $record
is "$(host json first.json bench/target/device bench/target/bar)" "$address 2" "the JSON says what was measured"
is "$(host json first.json bench/ceilings)" "" "a hypervisor's link has no ceiling"

kept=$(cat $record)
exits 0 "it may again" sh -c "pciwc $bench > /share/second.txt"
note "$(cat /share/second.txt)"
is "$(cat $record)" "$kept" "and what was passed is not tested again"
check "its contents are as they were" host same
unlike "$(cat /share/second.txt)" 'movups|stp|st1' "only stores that a hypervisor can emulate are made"
like "$(cat /share/second.txt)" 'gain [0-9.]* over resourceN' "the gain is said to be over resourceN"
unlike "$(cat /share/second.txt)" 'died|fail' "and nothing went wrong"
exits 0 "probed, it shows its short form" sh -c "pciwc probe $address:2 2> /share/probe.txt"
note "$(cat /share/probe.txt)"

truncate -s 8192 /tmp/file
exits 0 "a file is benched by whoever owns it" pciwc bench --file /tmp/file --size 64 --streams 1
exits 1 "a BAR is no such file" pciwc bench --file /sys/bus/pci/devices/$address/resource2_wc
like "$output" 'others may hold registers' "and why is said"
