# shellcheck shell=bash
# Knows what a test's host.sh may call on the host: tap.sh's checks, devices.sh, boot.sh's settings, and boot.
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   boot [SCRIPT]            runs SCRIPT (default guest.sh) of the test's folder in a guest, to its end
#   boot --dies [SCRIPT]     the same, and the guest must crash in the middle
#   host_NAME ARGUMENT...    a function of host.sh which the guest calls with `host NAME ARGUMENT...`
#   host json FILE PATH...   (in the guest) what /share/FILE says at these paths of keys; see lib/answer.py
#   host fill, host same     (in the guest) noise into the first device's memory, and whether that is still there
# In both $BOOT counts the boots. Files in $WORK last as long as the test; $SHARE is the guest's /share.

# tap_line: the checks of the host and of the guest end here, as lines of one stream (also while stdout goes into a reply) and in one file.
exec {TAP_OUT}>&1
tap_line() {
    case $1 in
    '#'*)         printf '    %s: %s\n' "$NAME" "${1#"# "}" >&"$TAP_OUT" ;;
    ok*'# SKIP'*) report skip "${1#ok - }" ;;
    'ok '*)       report ok "${1#ok - }" ;;
    *)            report 'not ok' "${1#not ok - }" ;;
    esac
}

# report RESULT DESCRIPTION
report() {
    echo "$1" >> "$RESULTS"
    printf '%s %s: %s\n' "$1" "$NAME" "$2" >&"$TAP_OUT"
}

# Once in a while another process has the CPU at this moment.
host_type() {
    local type
    for _ in {1..10}; do
        type=$(memory_type 1 "$1")
        [ "$type" = 'not mapped' ] || break
        sleep 0.2
    done
    echo "$type"
}
# The first device's memory: fill it with noise; is it still that?
host_fill() {
    local memory
    memory=$(backing 1)
    head -c "$(stat -c %s "$memory")" /dev/urandom | tee "$WORK/saved" | dd of="$memory" conv=notrunc status=none
}
host_same() { cmp "$WORK/saved" "$(backing 1)"; }
host_json() { "$GUEST/lib/answer.py" "$SHARE/$1" "${@:2}"; }

# console_tail BOOT: what the kernel said last; the checks have been shown already.
console_tail() {
    note "the console ends:"
    note "$(tr -cd '\11\12\40-\176' < "$WORK/console.$1" | grep -vE '^((not )?ok - |# |1\.\.)' | tail -n 20 | sed 's/^/  /')"
    [ ! -s "$WORK/qemu.$1" ] || { note "QEMU says:"; note "$(sed 's/^/  /; 5q' "$WORK/qemu.$1")"; }
}

# Did it fail an assertion of its own, or lose a timer's interrupt, so that the guest stands still? See THREADS in tables.sh. Neither says
# anything of pciwc.
emulator_broke() { grep -q 'Assertion .* failed' "$WORK/qemu.$BOOT"; }

EMULATOR_BROKE=75

# coverage_take: adds what this boot counted to DIR/ARCH.gcda, as other tests do.
coverage_take() {
    local part total=$COVERAGE_DIR/$ARCH.gcda lock
    exec {lock}> "$COVERAGE_DIR/$ARCH.lock"
    flock "$lock"
    for part in "$SHARE/gcda.$BOOT"/*; do
        [ -n "$(ls "$part" 2> /dev/null)" ] || continue
        if [ ! -d "$total" ]; then cp -r "$part" "$total"; continue; fi
        "${TRIPLET[$ARCH]}-gcov-tool" merge -o "$WORK/gcda" "$total" "$part" && rm -rf "$total" && mv "$WORK/gcda" "$total"
    done
    exec {lock}>&-
}

boot() {
    local dies='' script status=0 line last=nothing plan='' count=0 failed=''
    [ "${1:-}" != --dies ] || { dies=1; shift; }
    script=${1:-guest.sh}
    mkdir -p "$WORK/share"
    cp "$TEST_DIR/$script" "$WORK/share/$script"
    guest_run test "$script" || status=$?
    if [ $status = 123 ]; then
        note "boot $BOOT: the guest did not come up; once more"
        console_tail "$BOOT"
        BOOT=$((BOOT - 1)) status=0
        guest_run test "$script" || status=$?
    fi
    [ -z "$COVERAGE_DIR" ] || coverage_take
    if [ $status = 122 ] || { [ $status = 125 ] && emulator_broke; }; then
        note "boot $BOOT: the emulator failed, not the guest: $([ $status = 122 ] && echo "it lost a timer" || tail -n 1 "$WORK/qemu.$BOOT")"
        exit "$EMULATOR_BROKE"
    fi
    if [ -f "$SHARE/tap.$BOOT" ]; then
        while IFS= read -r line; do
            case $line in
            1..*)     plan=${line#1..} ;;
            'Bail '*) last=$line ;;
            *)        [[ $line = \#* ]] || { count=$((count + 1)) last=$line; }
                      [[ $line != 'not ok'* ]] || failed=1
                      tap_line "$line" ;;
            esac
        done < "$SHARE/tap.$BOOT"
    fi
    if [ -n "$dies" ]; then
        if [ $status = 125 ] && [ -z "$plan" ]; then ok "boot $BOOT: the guest dies, as it should"; return; fi
        not_ok "boot $BOOT: the guest should have died"
    elif [ $status = 124 ]; then not_ok "boot $BOOT: no end after $TIME_LIMIT s; last: $last"
    elif [ $status = 123 ]; then not_ok "boot $BOOT: the guest did not come up, twice"
    elif [ $status = 125 ]; then not_ok "boot $BOOT: the guest died; last: $last"
    elif [ "$plan" != "$count" ]; then not_ok "boot $BOOT: $script did not reach its end; last: $last"
    else [ -z "$failed" ] || console_tail "$BOOT"; return 0
    fi
    console_tail "$BOOT"
}
