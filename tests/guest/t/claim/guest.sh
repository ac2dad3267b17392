# shellcheck shell=sh
# Knows what a probe takes hold of, whom it gives way to, and that everything is as it was when it is over, however it ends.
# SPDX-License-Identifier: GPL-2.0-or-later
# full: aarch64
a=0000:01:00.0 b=0000:02:00.0
pci=/sys/bus/pci/devices
journal=/var/lib/pciwc/journal findings=/var/lib/pciwc/findings

mkdir -p /etc/pciwc
accept='{"what":"virtual-platform","reason":"a test"}'
[ "$(uname -m)" != aarch64 ] || accept="$accept, {\"what\":\"entry:ivshmem-arm64-guest\",\"reason\":\"a test\"}"
printf '{"schema":1,"accept":[%s],"minimum":{"gain":0},"grant":[{"device":"%s","bar":2,"group":"pciwc","backend":"grant"}]}\n' \
    "$accept" $a > /etc/pciwc/site.json

# All that a claim may change, in one line.
state() {
    printf '%s ' "$(cat $pci/"$1"/driver_override)" "$(cat $pci/"$1"/enable)" "$(cat $pci/"$1"/power/control)" \
        "$(cat $pci/"$1"/power/runtime_status)" "$(setpci -s "$1" COMMAND)" "$(ls $journal 2> /dev/null)"
}

remember() { before=$(state "$1"); }

# A device that may sleep again does so a moment later.
same_state() { [ "$(state "$1")" = "$before" ]; }
as_it_was() {
    await 5 same_state "$1" || true
    is "$(state "$1")" "$before" "$2"
}

# Runs a command, and keeps its exit code, what it said, and what others saw of the device meanwhile: each state once.
watched() {
    watch=$1
    shift
    (while :; do state "$watch"; echo; done) > /tmp/states 2> /dev/null &
    watcher=$!
    code=0
    "$@" > /tmp/output 2>&1 || code=$?
    kill $watcher 2> /dev/null || true
    wait $watcher || true
    sort -u /tmp/states > /tmp/seen
}

probed() {
    is "$code" 0 "$1"
    [ "$code" = 0 ] || note "$(cat /tmp/output)"
}

has_begun() { ls $journal/$a-bar2.json > /dev/null 2>&1; }

# Does something in the middle of a probe.
during() { (await 10 has_begun && usleep 500000 && "$@") > /dev/null & }

if [ "$BOOT" = 2 ]; then
    # Reading is allowed, mapping is not, and neither is setpci's way to COMMAND.
    grep -q '\[integrity\]' /sys/kernel/security/lockdown || { skip "this kernel cannot be locked down"; exit 0; }
    echo 1 > $pci/$a/enable
    remember $a
    watched $a pciwc probe $a:2
    is "$code" 3 "a kernel that is locked down is not probed"
    note "$(cat /tmp/output)"
    as_it_was $a "and the device is as it was"
    exit 0
fi

# ---- no driver ----
host fill
sum=$(host sum)
for command in 0000 0002 0406 0103; do
    setpci -s $a COMMAND=$command
    remember $a
    watched $a pciwc probe $a:2
    probed "an unbound device is probed, COMMAND $command"
    as_it_was $a "and is as it was"
    is "$(host sum)" "$sum" "its contents too"
    like "$(cat /tmp/seen)" "pciwc-claimed" "while it was claimed, driver_override said so"
done
like "$(cat $findings/$a-bar2.json)" '"errors_observed": *true' "errors could be observed"
like "$(cat $findings/$a-bar2.json)" '"containment": *"aer"' "and are contained by AER"
setpci -s $a COMMAND=0406
remember $a
# who reads the progress leaves
pciwc probe $a:2 2>&1 | head -n 1 > /dev/null
as_it_was $a "nobody listens, and it is as it was"
is "$(host sum)" "$sum" "its contents too"

# ---- bound to vfio-pci ----
check "vfio-pci binds" bind $a vfio-pci
group=/dev/vfio/$(basename "$(readlink $pci/$a/iommu_group)")
await 5 grep -q suspended $pci/$a/power/runtime_status || true
remember $a
note "$before"
watched $a pciwc probe $a:2
probed "a device bound to vfio-pci is probed"
as_it_was $a "and is as it was"
is "$(host sum)" "$sum" "its contents too"
sh -c "exec 3<> $group; exec sleep 600" &
holder=$!
await 5 test -e /proc/$holder/fd/3
watched $a pciwc probe $a:2
like "$code $(cat /tmp/output)" "somebody else has its VFIO group open \\($group\\)" "a group that somebody has open is left alone"
kill $holder
as_it_was $a "and nothing is changed"
during sh -c "exec 3<> $group"
opener=$!
watched $a pciwc probe $a:2
refuse "nobody opens the group meanwhile" wait $opener
probed "and nobody disturbs"
unbind $a
echo > $pci/$a/driver_override

# ---- others ----
echo 1 > $pci/$a/enable
for how in hold leave; do
    poke $pci/$a/resource2_wc 0 $how > /tmp/held &
    holder=$!
    await 5 grep -q held /tmp/held
    remember $a
    watched $a pciwc probe $a:2
    like "$(cat /tmp/output)" "process $holder \\(poke\\) has it mapped" "$how: who has it mapped is named"
    as_it_was $a "$how: and nothing is changed"
    kill $holder
done
check "vfio-pci binds another" bind $b vfio-pci
unbind $b
echo pci-stub > $pci/$b/driver_override
modprobe pci-stub 2> /dev/null || true
if echo $b > /sys/bus/pci/drivers_probe && [ -e $pci/$b/driver ]; then
    remember $b
    watched $b pciwc probe $b:2
    like "$(cat /tmp/output)" "pci-stub" "a device with another driver is left alone"
    as_it_was $b "and nothing is changed"
    unbind $b
else
    skip "no pci-stub"
fi
echo > $pci/$b/driver_override

# ---- a grant is taken back, a mapping is not ----
watched $a pciwc probe $a:2
check "a policy is applied" pciwc policy apply
is "$(stat -c '%a %U %G' $pci/$a/resource2_wc)" "660 root pciwc" "the file is granted"
is "$(stat -c '%a %U %G' $pci/$b/resource2_wc)" "600 root root" "another is not"
as alice poke $pci/$a/resource2_wc 0 hold > /tmp/held &
await 5 grep -q held /tmp/held
holder=$(pidof poke)
check "the policy is reverted" pciwc policy revert
# shellcheck disable=SC2154 # lib/tap.sh sets it
like "$output" "process $holder \\(poke\\) still has it mapped" "who still has it mapped is named"
is "$(stat -c '%a %U %G' $pci/$a/resource2_wc)" "600 root root" "the file is root's"
kill "$holder"
echo 0 > $pci/$a/enable

# ---- interrupted ----
for signal in INT TERM HUP QUIT; do
    remember $a
    pciwc probe $a:2 > /tmp/output 2>&1 &
    tool=$!
    await 10 has_begun
    usleep 400000
    kill -$signal $tool
    code=0
    wait $tool || code=$?
    like "$code $(cat /tmp/output)" "^[1-9]" "SIG$signal ends it"
    like "$(cat /tmp/output)" "interrupted by signal" "and it says so"
    as_it_was $a "it is as it was"
    is "$(host sum)" "$sum" "its contents too"
done

# ---- two at once, and one that is killed ----
is_claimed() { state $a | grep -q '^pciwc-claimed 1 '; }
pciwc probe $a:2 > /tmp/output 2>&1 &
tool=$!
check "a probe has its device" await 10 is_claimed
# who waits for it a moment must not see its end
kill -STOP $tool
exits 3 "a second pciwc does not probe meanwhile" pciwc probe $b:2
like "$output" "another pciwc is running" "and says why"
exits 1 "nor is the journal cleared" pciwc journal clear
like "$output" "another pciwc is running" "for the same reason"
kill -9 $tool
wait $tool || true
check "the journal is cleared then" pciwc journal clear
like "$(state $a)" "^pciwc-claimed 1 .*bar2.json" "one that is killed leaves traces, and how to undo them"
watched $a pciwc probe $a:2
probed "it can be probed again"
like "$(cat /tmp/output)" "an earlier pciwc was killed here" "which is said"
is "$(cat $pci/$a/driver_override)" "(null)" "driver_override is unset"

# ---- errors ----
during host error rp1 RCVR
watched $a pciwc probe $a:2
wait $! || true
like "$(cat $findings/$a-bar2.json)" "0000:00:08.0: aer_dev_correctable went from" "an error at the port is in a finding"
is "$code" 3 "and nothing is proven"
during host error rp2 RCVR
watched $a pciwc probe $a:2
wait $! || true
probed "one at another port does not matter"

# ---- changed, and unplugged ----
during setpci -s $a COMMAND=0
watched $a pciwc probe $a:2
like "$(cat /tmp/output)" "COMMAND is 0x0000, and was" "a changed COMMAND is noticed"
# this one has a slot
a=0000:04:00.0
during power_off $a
watched $a pciwc probe $a:2
wait $! || true
is "$code" 3 "a device that is unplugged meanwhile proves nothing"
like "$(cat /tmp/output)" "has gone" "and is missed"
refuse "it has gone" test -e $pci/$a
is "$(ls $journal)" "" "and no journal entry is left"
