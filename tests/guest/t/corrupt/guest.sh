# shellcheck shell=sh disable=SC2154 # the helpers set them
# Knows that damage to the probed range is found whenever it happens: in the middle of a step, or between two.
# SPDX-License-Identifier: GPL-2.0-or-later
# full: aarch64
address=0000:01:00.0
bar=devices/$address/bars/2
findings=$bar/findings

probe() { begin pciwc --json probe $address:2; }

# The middle of background is where all is filled and little looked at; until then it goes on for a moment at a time.
fill() {
    until host filled; do
        kill -CONT "$stopped"
        usleep 10000
        kill -STOP "$stopped" || return 1
    done
}

# corrupt POINT STEP FINDER HOW OFFSET...: FINDER is the step that must find it.
corrupt() {
    what="$4 in the $1 of $2" finder=$3 how=$4
    probe
    stop "$1" "$2" || not_ok "$what: the probe does not get there"
    [ "$1 $2" != "middle background" ] || fill || not_ok "$what: it is over before it is filled"
    shift 4
    # shellcheck disable=SC2046 # words
    set -- $(host corrupt "$how" "$@")
    go_on
    ended
    of=$findings/$finder
    is "$code $(host json begun.json $bar/verdict "$of/outcome" $findings/restore/outcome)" "3 unsafe fail pass" \
        "$what: $finder fails, so it is unsafe, and restored"
    is "$(host json begun.json "$of/numbers/bad_bytes" "$of/numbers/first_bad_offset" "$of/numbers/last_bad_offset")" "$1 $2 $3" \
        "$what: its numbers say what is bad"
    like "$(host json begun.json "$of/text")" " ${1%.0} bytes from $4 to $5 are wrong" "$what: and so do its words"
    like "$(host json begun.json $findings)" ",$finder,restore$" "$what: nothing further is tested"
    check "$what: the far side has its contents again" host same
}

control() {
    probe
    ended
    is "$code $(host json begun.json $bar/verdict)" "0 safe" "$1, it is safe"
    check "and restored" host same
}

site "$(accepts virtual-platform entry:ivshmem-arm64-guest)"
control "where nobody disturbs"

# Patterns store into every other line of 64 bytes, beginning with the second; those of subword end at 0x1fc40.
corrupt middle background background flip 0x3ff003 0x3ff7ff 0x3ffffe
corrupt middle background background drop 0x3ffe00
corrupt end    background subword    flip 0x0 0x12345 0x3fffff
corrupt end    background subword    drop 0x1fff40
corrupt middle subword    subword    flip 0x8003 0x20041 0x3abcde
corrupt middle subword    subword    drop 0x30000
corrupt end    subword    unaligned  flip 0x41 0x42 0x3fffff
corrupt end    subword    unaligned  drop 0x2aaa80
corrupt middle sparse     sparse     flip 0x8003 0x200085 0x3fffbf
corrupt middle sparse     sparse     drop 0x12380
corrupt end    sparse     wide64     flip 0x7 0x100000 0x300001
corrupt end    sparse     wide64     drop 0x3fffc0
corrupt end    quiet      bench      flip 0x7 0x100000 0x300001
corrupt end    quiet      bench      drop 0x3fffc0

control "once nobody disturbs any more"

# What was granted before is taken back by the probe that finds it.
file=/sys/bus/pci/devices/$address/resource2_wc
site "$(accepts virtual-platform entry:ivshmem-arm64-guest)" '"minimum": {"gain": 0}' \
    "\"grant\": [{\"device\": \"$address\", \"bar\": 2, \"group\": \"pciwc\", \"backend\": \"grant\"}]"
granted() {
    control "$1"
    is "$(stat -c '%a %U' $file)" "600 root" "a probe grants nothing"
    check "it is granted" pciwc policy apply
    is "$(stat -c '%a %U %G' $file)" "660 root pciwc" "its group has it"
}
taken_back() {
    is "$(stat -c '%a %U %G' $file)" "600 root root" "$1: the group has it no more"
    refuse "$1: its approval is gone" test -e /var/lib/pciwc/approvals/$address.json
    check "$1: and nothing is left to be done" pciwc policy verify
}
granted "once it is tested again"
corrupt middle background background flip 0x3ff003 0x3ff7ff 0x3ffffe
taken_back "of a bad one"

# Nor does it stay when a signal comes while who found it waits to take it back.
lock=/run/pciwc/policy.lock
granted "once it is good again"
probe
stop middle background && fill || not_ok "the probe does not get there"
host corrupt flip 0x3ff003 > /dev/null
flock -o $lock sleep 300 &
holder=$!
check "somebody has the lock" await 10 sh -c "! flock -n $lock true"
go_on
check "the probe ends" await 60 sh -c 'test -z "$(ls /var/lib/pciwc/journal)"'
kill -TERM "$begun"
sleep 1
check "it waits for its turn, for all the signal" kill -0 "$begun"
is "$(stat -c '%a %U %G' $file)" "660 root pciwc" "and so far the group has it"
kill $holder
ended
is "$code" 143 "then it ends by that signal"
taken_back "behind a signal"
