# shellcheck shell=sh disable=SC2154,SC2034,SC2013 # the helpers set them, and read what it sets; words
# Knows what comes of a probe during which somebody takes its device: a driver, or a VFIO user, at each file that the claim opens and between
# steps; another device in each step.
# SPDX-License-Identifier: GPL-2.0-or-later
plugged=0000:01:00.0 fixed=0000:02:00.0
pci=/sys/bus/pci/devices
address=$fixed
steps="save type background subword unaligned sparse wide64 wide128 libc order drain coherent burst quiet bench restore"

site "$(accepts virtual-platform entry:ivshmem-arm64-guest)" '"minimum": {"gain": 0}'

# What was found before would be there to be read, and would still hold.
forget() { rm -f /var/lib/pciwc/findings/*; }

# It runs as the probes do that are stopped, for a process, a directory or an argument more would count.
# moments: writes into /tmp/moments the opens by which the claim is taken, as strace counts them: all but those of the journal and of error
# counters; and one in 20 of those between steps. The first child looks who else has the device, and so does the last one, after all steps.
moments() {
    for _ in 1 2; do
        forget
        begin strace -qq -e trace=openat,clone,clone3,?fork,?vfork -o /tmp/calls pciwc --json probe $fixed:2
        ended
        is "$code" 0 "undisturbed it is probed, and safe"
    done
    awk -v claims="/$fixed/config\"" '
        /^(clone|v?fork)/ { steps = children++; last = found }
        !/^openat/ { next }
        { n++ }
        index($0, claims) { claim = 1 }
        steps ? n % 20 == 0 : claim && !/aer_|"(var|lib|pciwc|journal|\.)"/ { moments[++found] = n }
        END { for (i = 1; i <= last; i++) print moments[i] }' /tmp/calls > /tmp/moments
}

# stopped_at NUMBER: a probe stands there
stopped_at() {
    rm -f /tmp/stopped
    forget
    before=$(state $fixed)
    begin strace -qq -e trace=openat -e inject=openat:signal=SIGSTOP:when="$1" -o /tmp/stopped pciwc --json probe $fixed:2
    await 60 grep -qs "stopped by SIGSTOP" /tmp/stopped || not_ok "the probe does not get to its open $1"
    at="open $1, $(sed -n 's/^openat([^"]*"\([^"]*\)".*/\1/p' /tmp/stopped | tail -n 1)"
}
went_on() {
    kill -CONT "$(pidof pciwc)"
    ended
}
said() { cat /tmp/begun.err /share/begun.json; }
is_safe() { [ -e /var/lib/pciwc/findings/"$address"-bar2.json ] && [ "$(host json begun.json devices/"$address"/bars/2/verdict)" = safe ]; }
# proves_nothing WHEN
proves_nothing() {
    if [ "$code" = 0 ] || is_safe; then
        not_ok "$1: nothing is proven"
        note "exit status $code; $(head -c 2000 /tmp/begun.err)"
    else ok "$1: nothing is proven"; fi
}
nothing_left() { is "$(processes)$(ls /var/lib/pciwc/journal)" "" "$1: nothing is left of the probe"; }

# ---- a driver, as driverctl gives it one ----

modprobe pci-stub
before=$(state $fixed)
kept=$before
moments
given_back "undisturbed"
check "the moments of a claim are found" test "$(wc -l < /tmp/moments)" -ge 55
for number in $(cat /tmp/moments); do
    stopped_at "$number"
    check "$at: a driver binds" sh -c "echo pci-stub > $pci/$fixed/driver_override; echo $fixed > /sys/bus/pci/drivers_probe; test -e $pci/$fixed/driver"
    went_on
    proves_nothing "$at"
    like "$(said)" "pci-stub|a driver was bound to it meanwhile" "$at: it says so"
    # between looking what driver_override was and setting it nothing can see that somebody else sets it: his is lost, his driver is not
    case $at in *driver_override) override='(pci-stub|\(null\))' ;; *) override="pci-stub" ;; esac
    like "$(state $fixed)" "^driver=pci-stub override=$override " "$at: who keeps it"
    nothing_left "$at"
    # what a probe has changed of a device that is another driver's now is that one's to undo
    unbind $fixed
    echo > $pci/$fixed/driver_override
    [ "$(cat $pci/$fixed/enable)" = 0 ] || echo 0 > $pci/$fixed/enable
    setpci -s $fixed COMMAND="${kept##*=}"
    is "$(state $fixed)" "$kept" "$at: and it is as before"
done

# ---- a VFIO user ----

check "vfio-pci binds" bind $fixed vfio-pci
group=/dev/vfio/$(basename "$(readlink $pci/$fixed/iommu_group)")
before=$(state $fixed)
kept=$before
moments
given_back "undisturbed below vfio-pci"
first='' last=''
for number in $(cat /tmp/moments); do
    stopped_at "$number"
    rm -f /tmp/has
    sh -c "exec 3<> $group; : > /tmp/has; exec sleep 600" 2> /dev/null &
    user=$!
    until [ -e /tmp/has ] || ! kill -0 $user 2> /dev/null; do usleep 20000; done
    if [ -e /tmp/has ]; then
        last=$number
        went_on
        kill $user
        proves_nothing "$at: beside a VFIO user"
        like "$(said)" "somebody else has its VFIO group open" "$at: and why is said"
    else
        first=${first:-$number}
        # that it goes on to its end t/claim shows
        kill -INT "$(pidof pciwc)"
        went_on
        like "$(said)" '"interrupted"' "$at: nobody gets in, and it goes on until it is told to end"
    fi
    wait $user 2> /dev/null || true
    given_back "$at"
    is "$(state $fixed)" "$kept" "$at: and it is as before"
done
check "a VFIO user gets in up to one moment, and from the next on never" test "${last:-0}" -gt 0 -a "${first:-0}" -gt "${last:-0}"

# ---- another device ----

address=$plugged                                # of which given_back speaks
for step in $steps; do
    forget
    host fill
    # it takes a second CPU to store what the first one reads
    cpus=0
    [ "$step" != coherent ] || cpus=0,1
    # the child of a short step may be done with it before anybody has seen it: then once more
    for _ in 1 2 3 4 5; do
        begin pciwc --json probe --wide $plugged:2
        ! stop middle "$step" || break
        ended
        forget
    done
    check "$step: the probe gets there" test "$stopped"
    power_off $plugged
    check "$step: the device goes" await 30 test ! -e $pci/$plugged
    host fill
    check "$step: another comes" host plug
    check "$step: into its place" await 30 test -e $pci/$plugged/resource2_wc
    echo 1 > $pci/$plugged/enable
    go_on
    ended
    proves_nothing "$step"
    check "$step: nothing is written to the new one" host same
    nothing_left "$step"
    echo 0 > $pci/$plugged/enable
done
cpus=0
before=$(state $plugged)
begin pciwc --json probe $plugged:2
ended
is "$code" 0 "the last one is probed, and safe"
given_back "the last one"
