# shellcheck shell=sh disable=SC2154 # the helpers set them
# Knows that a bus which mangles, moves or loses lines is caught by whatever step it does it in, each time; and that a healthy one passes.
# SPDX-License-Identifier: GPL-2.0-or-later
address=0000:01:00.0
bar=devices/$address/bars/2
runs=20
steps='subword unaligned sparse wide64 order drain coherent burst libc quiet bench'

# run KIND STEP: a probe, in whose STEP the far side does that.
run() {
    # Stores of the C library are tried in a virtual machine only when asked for.
    wide=
    [ "$2" != libc ] || wide=--wide
    # It takes a second CPU to store what the first one reads.
    cpus=0
    [ "$2" != coherent ] || cpus=0,1
    # shellcheck disable=SC2086 # none, or one word
    begin pciwc --json probe $wide $address:2
    stop start "$2" || not_ok "$1 in $2: the probe does not get there"
    host imitate "$1"
    go_on
    stop end "$2" || not_ok "$1 in $2: it does not end"
    host calm
    go_on
    ended
}

site "$(accepts virtual-platform entry:ivshmem-arm64-guest)"
caught=0 clean=0 i=0
while [ $i -lt $runs ]; do
    # shellcheck disable=SC2086 # words
    set -- $steps
    shift $((i % $#))
    step=$1
    # shellcheck disable=SC2046 # words
    set -- $(echo zero move drop | cut -d' ' -f$((i % 3 + 1)))
    run "$1" "$step"
    said="$code $(host json begun.json $bar/verdict $bar/findings/"$step"/outcome $bar/findings/restore/outcome)"
    if [ "$said" = "3 unsafe fail pass" ] && host same; then caught=$((caught + 1)); else note "$1 in $step: $said"; fi
    run look "$step"
    said="$code $(host json begun.json $bar/verdict)"
    if [ "$said" = "0 safe" ] && host same; then clean=$((clean + 1)); else note "nothing in $step: $said $(host json begun.json $bar/reasons) $(cat /tmp/begun.err)"; fi
    i=$((i + 1))
done
is "$caught of $runs" "$runs of $runs" "imitated defects are caught"
is "$clean of $runs" "$runs of $runs" "runs that nobody disturbs are clean"
