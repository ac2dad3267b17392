# shellcheck shell=sh disable=SC2154 # the helpers set them
# Knows what comes of a probe of which one call fails: each kind that its parent makes of each file, while it claims, between steps, when it
# writes the contents back, and when it gives the device back; and of one for which there is no memory, once.
# SPDX-License-Identifier: GPL-2.0-or-later
address=0000:01:00.0
record=/var/lib/pciwc/findings/$address-bar2.json
site "$(accepts virtual-platform entry:ivshmem-arm64-guest)" '"minimum": {"gain": 0}'

# whether errors were observed, and each step's outcome, as they are on file
outcomes() { grep -oE '"(step|outcome)": "[a-z0-9-]+"|"errors_observed": [a-z]+' "$record" 2> /dev/null | sed -E 's/.*: "?([a-z0-9-]+)"?/\1/' | tr '\n' ' '; }

# probe COMMAND...: by it; what was found before would be there to be read, and would still hold
probe() {
    rm -f "$record"
    begin "$@" pciwc --json probe $address:2
    ended
}

# calls: of what the last probe did, in /tmp/calls, a line each: phase, call, which of its kind, file; the first of each but those of /tmp/seen
calls() {
    awk -v each="$CALLS" '
        BEGIN { made = 0; while ((getline line < "/tmp/seen") > 0) seen[line] }
        { call = $0; sub(/\(.*/, "", call); n[call]++ }
        call == "openat" && /"lock"/ { phase = "claim" }
        call == "close" && /run\/pciwc\/lock/ { exit }
        phase && /^(clone|v?fork)/ { restore = made; if (!steps) steps = made }
        phase && call == "close" && /memfd/ { release = made }
        !phase || call ~ /^(close|rt_sig.*|p?p?kill|pidfd_send_signal|get.id|munmap|exit_group|lseek|clock_nanosleep|.*affinity)$/ { next }
        { path = $0; sub(/ = .*/, "", path); is_open = call ~ /^(openat|mkdirat|faccessat2|newfstatat|readlinkat|unlinkat)$/
          split(path, word, /[<>"]/); if (!is_open && word[2] !~ /^(\/|[a-z_]+:)/) word[2] = ""   # no file, but what is in memory
          path = word[2] (is_open ? "/" word[4] : ""); gsub(/[ ,]/, "_", path)
          calls[made] = call; which[made] = n[call]; paths[made++] = path }
        END {
            for (i = 0; i < made; i++) {
                phase = i < steps ? "claim" : i < restore ? "steps" : i < release ? "restore" : "release"
                like = phase calls[i] paths[i]; gsub(/[0-9]+/, "N", like)
                if (each == "each" || !(like in seen)) { print phase, calls[i], which[i], paths[i]; seen[like]; print like > "/tmp/seen.new" }
            } }' /tmp/calls
    cat /tmp/seen.new >> /tmp/seen
}

errno_of() {
    case $1 in
    openat | pipe* | pidfd_open | memfd_create | fcntl | socket*) echo EMFILE ;;
    mmap | brk | poll | ppoll) echo ENOMEM ;;
    clone* | fork | vfork) echo EAGAIN ;;
    write | pwrite64 | mkdirat | ftruncate) echo ENOSPC ;;
    fchmod | fchown) echo EPERM ;;
    flock) echo ENOLCK ;;
    waitid) echo ECHILD ;;
    *) echo EIO ;;
    esac
}
says() { grep -qE "$1" /tmp/begun.err; }
odd() { odd="$odd$1; "; }

# fails HOW PHASE CALL WHICH FILE
fails() {
    before=$(state $address)
    probe strace -qq -y -e signal=none -e trace="$3" -e inject="$3:error=$(errno_of "$3"):when=$4" -o /tmp/failed
    # How often a file is read differs from run to run: the call that is wanted may be another one now.
    what=$(sed -n 's/ = -1 .*(INJECTED).*//p' /tmp/failed | tr -s ' ' | cut -c1-160)
    tried=$((tried + 1))
    [ "$what" ] || { missed=$((missed + 1)) what="none of $3 $5"; }
    came_well "$1: $2: $what"
}

# came_well WHAT: of the probe that ended
came_well() {
    what=$1
    odd='' noted=
    case $code in
    0) [ "$(outcomes)" = "$good" ] || odd "exit 0, and on file is $(outcomes)" ;;
    1) grep -q '"error"' /share/begun.json || odd "exit 1 without an error" ;;
    3) [ -s /tmp/begun.err ] || grep -q "it was not probed now" /share/begun.json || [ "$(outcomes)" != "$good" ] || odd "exit 3 without a word" ;;
    *) odd "exit $code" ;;
    esac
    [ ! -e "$record" ] || [ "$(tail -n 1 "$record")" = "}" ] || odd "half a record"
    [ -z "$(processes)" ] || odd "processes: $(processes)"
    [ "$(state $address)" = "$before" ] || odd "not as before: $(state $address)"
    host same > /dev/null 2>&1 || { odd "the contents are not there"; host fill; }
    # The next boot would take it for a crash: what is left there must be said.
    [ -z "$(ls /var/lib/pciwc/journal)" ] || { noted=1; says "next boot will take this probe for a crash" || odd "in the journal: $(ls /var/lib/pciwc/journal)"; }
    is "$odd" "" "$what fails: exit $code${noted:+, and the journal keeps it}"
    [ -z "$odd" ] || note "$(cat /tmp/begun.err)"
    [ "$odd$noted" ] || return 0
    probe
    is "$code $(outcomes)" "0 $good" "$what: the next probe does it"
    is "$(state $address) $(ls /var/lib/pciwc/journal)" "$before " "$what: and leaves nothing"
}

# turns WHAT: those of /tmp/chosen that fail, in /tmp/turns
turns() {
    share=1
    [ "$CALLS" ] || share=40
    awk -v share=$share 'NR % share == 1 % share' /tmp/chosen > /tmp/turns
    note "$1: $(wc -l < /tmp/turns) of $(wc -l < /tmp/chosen) calls fail"
}

# all HOW
all() {
    for _ in 1 2; do probe strace -qq -y -e signal=none -o /tmp/calls; done
    is "$code" 0 "$1: it works when nothing fails"
    good=$(outcomes)
    calls > /tmp/chosen
    turns "$1"
    while read -r phase call which file <&3; do fails "$1" "$phase" "$call" "$which" "$file"; done 3< /tmp/turns
}

# allocations LOG COMMAND...: by COMMAND, in LOG, a line each: from where, and by which way
allocations() {
    allocations_log=$1
    shift
    env LD_PRELOAD=/guest/shim.so FAIL_CALL=alloc FAIL_AT=0 FAIL_LOG="$allocations_log" "$@" > /dev/null 2>&1
}

# starved: for one allocation there is no memory, at places where no plan asks for any (tests/failing-calls has those); there are so many that
# one in eight stands for them
starved() {
    allocations /tmp/plan.log pciwc --json probe --plan $address:2
    allocations /tmp/probe.log pciwc --json probe $address:2
    awk -v each="$CALLS" 'NR == FNR { seen[$1]; next } !($1 in seen) { seen[$1]; if (each == "each" || n++ % 8 == 0) print FNR }' /tmp/plan.log /tmp/probe.log > /tmp/chosen
    turns memory
    blamed=0
    while read -r at <&3; do
        before=$(state $address)
        probe env LD_PRELOAD=/guest/shim.so FAIL_CALL=alloc FAIL_AT="$at" FAIL_ERRNO=12
        ! grep -qE 'Cannot allocate memory|out of memory' /tmp/begun.err /share/begun.json || blamed=$((blamed + 1))
        came_well "allocation $at"
    done 3< /tmp/turns
    check "for want of memory at least half of them end, and say so" test $((blamed * 2)) -ge "$(wc -l < /tmp/turns)"
}

host fill
missed=0 tried=0
: > /tmp/seen
all "no driver"
check "vfio-pci binds" bind $address vfio-pci
all "vfio-pci"
check "at most one in twenty, and two, were not made" test $((missed * 20)) -le $((tried + 40))
starved
