# shellcheck shell=sh disable=SC2154,SC2016 # the helpers set them; what others expand
# Knows what comes of a probe on a machine without memory, disk, /var or /run, or whose clock jumps: one message, no safe that is not so, all as before.
# SPDX-License-Identifier: GPL-2.0-or-later
# full: x86_64 aarch64
address=0000:01:00.0
bar=devices/$address/bars/2
findings=$bar/findings
mine=/var/lib/pciwc

probe() {
    before=$(state $address)
    begin "$@" pciwc --json probe $address:2
}

verdict() { pciwc --json list > /share/list.json && host json list.json $bar/verdict; }

# fails CODE ID WHAT: so does the probe that was begun, without a trace
fails() {
    is "$code $(host json begun.json error/id)" "1 $1" "$2: it is an error"
    note "$(host json begun.json error/message) | $(cat /tmp/begun.err)"
    check "$2: the contents are there" host same
}

safe() {
    is "$code $(host json begun.json $bar/verdict)" "0 safe" "$1: it is safe"
    check "$1: the contents are there" host same
    given_back "$1"
}

# /tmp/elsewhere SETUP COMMAND...: with mounts of its own, which SETUP makes
cat > /tmp/elsewhere << 'E'
#!/bin/sh -e
setup=$1
shift
exec unshare -m sh -ec "$setup; exec \"\$@\"" sh "$@"
E
chmod +x /tmp/elsewhere

# the same machine in another root, whose /run nobody has made
no_run='mount -t tmpfs -o mode=755 tmpfs /mnt
for file in /*; do
    case $file in /run|/mnt) continue ;; esac
    if [ -L $file ]; then cp -a $file /mnt/; elif [ -d $file ]; then mkdir /mnt$file; mount --rbind $file /mnt$file; fi
done'

site "$(accepts virtual-platform entry:ivshmem-arm64-guest)" '"minimum": {"gain": 0}'
mkdir -p $mine
mount -t tmpfs -o size=256k,mode=755 tmpfs $mine
host fill

# ---- /run and /var ----

probe /tmp/elsewhere 'mount --bind /var /var; mount -o remount,bind,ro /var'
ended
fails cannot-write "a /var that cannot be written"
given_back "a /var that cannot be written"
probe /tmp/elsewhere 'mount -t tmpfs -o ro,mode=755 tmpfs /var'
ended
fails cannot-write "an empty /var that cannot be written"
probe /tmp/elsewhere 'mount --bind /run /run; mount -o remount,bind,ro /run'
ended
fails cannot-write "a /run that cannot be written"
given_back "a /run that cannot be written"
probe /tmp/elsewhere "$no_run; mount -o remount,ro /mnt" chroot /mnt
ended
fails cannot-write "no /run, and none can be made"
given_back "no /run, and none can be made"
probe /tmp/elsewhere "$no_run" chroot /mnt
ended
safe "no /run"

# ---- no room ----

fill() { dd if=/dev/zero of=$mine/fill bs=4k 2> /dev/null || true; }
refuse "the disk is full" sh -c "dd if=/dev/zero of=$mine/fill bs=4k 2>&1"
probe
ended
fails cannot-write "a full disk"
given_back "a full disk"
is "$(verdict)" safe "a full disk: what an earlier probe found still holds"
rm $mine/fill

probe
stop start sparse || not_ok "a disk that fills up: the probe does not get there"
fill
go_on
ended
fails cannot-write "a disk that fills up"
given_back "a disk that fills up"
is "$(verdict)" safe "a disk that fills up: what an earlier probe found still holds"
rm $mine/fill

probe
stop start subword || not_ok "damage, and no room: the probe does not get there"
host damage
fill
go_on
ended
is "$code $(host json begun.json error/id)" "1 cannot-write" "damage, and no room: it is an error"
like "$(cat /tmp/begun.err)" "what an earlier probe found is forgotten" "damage, and no room: it says so"
check "damage, and no room: the contents are there" host same
given_back "damage, and no room"
is "$(verdict)" unknown "damage, and no room: what an earlier probe found does not hold any more"
rm $mine/fill
probe
ended
safe "once there is room"

probe
stop middle sparse || not_ok "a disk that becomes read-only: the probe does not get there"
mount -o remount,ro $mine
go_on
ended
fails cannot-write "a disk that becomes read-only"
like "$(cat /tmp/begun.err)" "the next boot will take this probe for a crash" "a disk that becomes read-only: it says what it has to leave"
is "$(state $address)" "$before" "a disk that becomes read-only: the device is as it was"
mount -o remount,rw $mine
like "$(pciwc journal)" "left by a pciwc that was killed in, or is running, step sparse" "a disk that becomes read-only: the journal's entry stays"
probe
ended
safe "once it can be written"

# ---- no memory ----

# The kernel's choice of whom to kill is made for it.
out_of_memory() {
    echo 1000 > "/proc/$1/oom_score_adj"
    echo f > /proc/sysrq-trigger
}
is_dead() { ! grep -qs '^State:.[^Z]' "/proc/$1/status"; }

probe
stop middle sparse || not_ok "the child is killed for memory: the probe does not get there"
out_of_memory "$stopped"
check "the child is killed for memory" await 20 is_dead "$stopped"
ended
is "$code $(host json begun.json $bar/verdict $findings/sparse/outcome $findings/restore/outcome)" "3 unknown died pass" "which is a death of the step"
check "the contents are there" host same
given_back "the child is killed for memory"

probe
stop middle sparse || not_ok "pciwc is killed for memory: the probe does not get there"
out_of_memory "$begun"
ended
is "$code" 137 "pciwc is killed for memory"
check "its child dies with it" await 20 is_dead "$stopped"
is "$(processes)" "" "nothing of it runs"
host fill
killed=$before
probe
ended
is "$code $(host json begun.json $bar/verdict)" "0 safe" "the next probe is none the worse"
like "$(cat /tmp/begun.err)" "an earlier pciwc was killed here" "and says what it found"
is "$(pciwc journal)" "the journal is empty: no probe was interrupted" "nothing is left in the journal"
check "the contents are there" host same
is "$(state $address)" "$killed" "the device is as it was before the one that was killed"

refused=''
for kib in 3000 6000 6500 7000 7500 8000; do
    probe sh -c 'ulimit -S -v $0; exec "$@"' $kib
    ended
    note "$kib KiB: $code $(cat /tmp/begun.err)"
    case $code in
    0|127) ok "$kib KiB of memory: it ends by itself" ;;
    1)     ok "$kib KiB of memory: it ends by itself, and says so"; refused=$code ;;
    *)     not_ok "$kib KiB of memory: it ends with $code" ;;
    esac
    check "$kib KiB of memory: the contents are there" host same
    given_back "$kib KiB of memory"
done
check "with one of these it begins, and gets no more" test -n "$refused"

# ---- another time ----

now=$(date +%s)
for to in 86400 $((now - 400 * 86400)) $((now + 4000 * 86400)); do
    probe
    stop middle background || not_ok "the clock jumps to $to: the probe does not get there"
    date -s "@$to" > /dev/null
    go_on
    stop start sparse || not_ok "the clock jumps to $to: the probe does not get there again"
    date -s "@$now" > /dev/null
    go_on
    ended
    safe "the clock jumps to $to and back"
    date -s "@$to" > /dev/null
    is "$(verdict)" safe "what was found holds at $to"
    probe
    ended
    safe "a clock that stands at $to"
    date -s "@$now" > /dev/null
    is "$(verdict)" safe "and what was found then holds now"
done
