# shellcheck shell=sh disable=SC2154 # the helpers set them
# Knows that however a step dies, pciwc says so, lives on, and puts everything back.
# SPDX-License-Identifier: GPL-2.0-or-later
# full: aarch64
address=0000:01:00.0
other=0000:02:00.0
device=/sys/bus/pci/devices/$address
bar=devices/$address/bars/2
findings=$bar/findings

probe() {
    before=$(state $address)
    begin pciwc --json probe $address:2
}

# died WHAT STEP TEXT: what such a probe says
died() {
    is "$code $(host json begun.json $bar/verdict $findings/"$2"/outcome)" "3 unknown died" "$1: the step died, so nothing is proven"
    like "$(host json begun.json $findings/"$2"/text)" "$3" "$1: it says how"
}

# killed SIGNAL STEP
killed() {
    what="SIG$1 in $2"
    probe
    stop middle "$2" || not_ok "$what: the probe does not get there"
    kill "-$1" "$stopped"
    go_on
    ended
    died "$what" "$2" "^died of SIG$1: "
    case $2 in
    save) is "$(host json begun.json $findings)" save "$what: nothing further is tried" ;;
    *)    like "$(host json begun.json $findings $findings/restore/outcome)" ",$2,restore pass$" "$what: nothing but the restore follows" ;;
    esac
    check "$what: the contents are there" host same
    given_back "$what"
}

site "$(accepts virtual-platform entry:ivshmem-arm64-guest)" '"minimum": {"gain": 0}'
host fill

# ---- from outside ----

killed KILL save
killed BUS background
killed SEGV subword
killed ILL sparse
check "vfio-pci binds" bind $address vfio-pci
killed KILL sparse
unbind $address
echo > $device/driver_override

# of its own; the device, its port and their registers; the BAR that is probed; what tells of its memory type
port=$(basename "$(dirname "$(readlink -f $device)")")
needed='^(/|/dev/null|/share/begun\.json|/tmp/begun\.err|/usr/sbin/pciwc|/run/pciwc/lock|/memfd:pciwc-save \(deleted\)|anon_inode:\[pidfd\]|pipe:.*'
needed="$needed|/sys/devices/.*/($port|$address)(/config)?|/sys/devices/.*/$address/resource2(_wc)?|/sys/kernel/debug/[a-z0-9_/]*)\$"
# has_needed WHEN: what the parent has, and no more
has_needed() {
    # chown, dac_override, dac_read_search, fowner, kill, setgid, setuid, setpcap; sys_rawio, sys_ptrace, sys_admin
    is "$(sed -n 's/^Cap\(Eff\|Prm\|Bnd\):[[:space:]]*//p' "/proc/$begun/status" | sort -u)" 00000000002a01ef "$1: of root's capabilities pciwc has kept what it needs"
    is "$(grep -c 'resource[0-9]' "/proc/$begun/maps")" 0 "$1: it has mapped nothing of the device"
    is "$(for fd in /proc/"$begun"/fd/*; do readlink "$fd"; done | grep -vE "$needed")" "" "$1: and has nothing open but what this probe needs"
}

probe
stop end sparse || not_ok "between steps: the probe does not get there"
has_needed "between steps"
go_on
ended
is "$code" 0 "between steps: it goes on, and is safe"
given_back "between steps"

# before it has given up root's rights, and after
for way in "start type 10" "middle subword 30"; do
    # shellcheck disable=SC2086 # words
    set -- $way
    what="STOP in $2 ($1)"
    probe
    stop "$1" "$2" || not_ok "$what: the probe does not get there"
    has_needed "$what"
    begin_s=$(date +%s)
    ended
    died "$what" "$2" "^no answer within ${3}000 ms$"
    check "$what: it took no longer" test $(($(date +%s) - begin_s)) -le $(($3 + 10))
    check "$what: the contents are there" host same
    given_back "$what"
done

probe
stop middle restore || not_ok "KILL in restore: the probe does not get there"
kill -KILL "$stopped"
ended
died "KILL in restore" restore "^died of SIGKILL: "
like "$(cat /tmp/begun.err)" "the contents of the probed range were NOT put back: died of SIGKILL" "KILL in restore: it warns of what that means"
refuse "KILL in restore: as is so" host same
given_back "KILL in restore"
host fill

# ---- pciwc itself is asked to stop ----

for signal in INT TERM; do
    before=$(state $address)
    begin pciwc --json probe $address:2 $other:2
    stop middle sparse || not_ok "SIG$signal: the probe does not get there"
    kill -$signal "$begun"
    go_on
    ended
    is "$code $(host json begun.json error/id)" "1 interrupted" "SIG$signal to pciwc: it ends, and says why"
    check "SIG$signal to pciwc: the contents are there" host same
    given_back "SIG$signal to pciwc"
    refuse "SIG$signal to pciwc: no other BAR is begun" test -e /var/lib/pciwc/findings/$other-bar2.json
done

# in_stores: in the middle of sparse, once it has begun to store; until then it goes on for a moment at a time.
in_stores() {
    stop middle sparse || return 1
    host look
    until host changed; do
        kill -CONT "$stopped"
        usleep 10000
        kill -STOP "$stopped" || return 1
    done
}

# ---- the child is at work when its device answers no more ----

case $ARCH in
aarch64) unanswered="unknown died" why="^died of SIGBUS" ;;
x86_64)  unanswered="unsafe fail" why="bytes .* are wrong" ;;
esac
probe
in_stores || not_ok "decoding off at work: the probe does not get there"
setpci -s $address COMMAND=0:2
go_on
ended
is "$code $(host json begun.json $bar/verdict $findings/sparse/outcome $findings/restore/outcome)" "3 $unanswered skipped" "decoding off at work: nothing is proven"
like "$(host json begun.json $findings/sparse/text)" "$why" "decoding off at work: what came of its stores is said"
given_back "decoding off at work"
host fill

# this one is not even stopped
probe
in_stores || not_ok "power off at work: the probe does not get there"
go_on
power_off $address
ended
is "$code" 3 "power off at work: it ends with nothing proven"
like "$(cat /tmp/begun.err /share/begun.json)" "has gone|no longer answers" "power off at work: and says why"
note "$(cat /tmp/begun.err)"
is "$(processes)" "" "power off at work: nothing is left running"
is "$(pciwc journal)" "the journal is empty: no probe was interrupted" "power off at work: nor in the journal"
check "power off at work: it is gone" await 30 test ! -e $device
check "another one comes" host plug
check "into its place" await 30 test -e $device/resource2_wc
host fill

# ---- the device goes in the middle of a step, and another one comes ----

probe
stop middle sparse || not_ok "unplugged: the probe does not get there"
check "the device is taken out in the middle of a step" host unplug
check "and goes" await 30 test ! -e $device
go_on
ended
is "$code" 3 "unplugged: it ends with nothing proven"
like "$(cat /tmp/begun.err /share/begun.json)" "has gone" "unplugged: and says why"
note "$(cat /tmp/begun.err)"
is "$(processes)" "" "unplugged: nothing is left running"
is "$(pciwc journal)" "the journal is empty: no probe was interrupted" "unplugged: nor in the journal"
host fill
check "another one takes its place" host plug
check "and comes" await 30 test -e $device/resource2_wc
check "unplugged: nothing is written to it" host same

probe
in_stores || not_ok "replaced: the probe does not get there"
check "it is taken out, too" host unplug
check "it goes" await 30 test ! -e $device
host fill
check "and replaced, while the step is still in its middle" host plug
check "it comes" await 30 test -e $device/resource2_wc
echo 1 > $device/enable
go_on
ended
is "$code" 3 "replaced: it ends with nothing proven"
note "$(cat /tmp/begun.err)"
check "replaced: nothing is written to the other one" host same
is "$(processes)" "" "replaced: nothing is left running"
