# shellcheck shell=sh
# Knows the main job from end to end: a BAR is found, claimed, probed, judged, granted to a group, and all of it taken back.
# SPDX-License-Identifier: GPL-2.0-or-later
address=0000:01:00.0
device=/sys/bus/pci/devices/$address
bar=devices/$address/bars/2
grant='"grant": [{"device": "1af4:1110", "bar": 2, "group": "pciwc", "backend": "grant"}]'
held=entry:ivshmem-arm64-guest

# command_set VALUE:MASK: what a sleeping device is told the kernel forgets when it wakes it
command_set() {
    echo on > $device/power/control
    setpci -s $address "COMMAND=$1"
    echo auto > $device/power/control
}
# The files through which BARs are mapped: nobody but an applied policy may change these.
bar_files() { stat -c '%n %a %u:%g' /sys/bus/pci/devices/*/resource*; }
own_files() { find /var/lib/pciwc /run/pciwc -exec stat -c '%n %i %a %s %y %z' {} +; }

# probe EXIT-STATUS DESCRIPTION, with the far side watching; what it says goes to /share/probe.json.
probe() {
    before=$(state $address)
    host watch
    begin=$(cut -d' ' -f1 /proc/uptime)
    exits "$1" "$2" sh -c "pciwc --json probe $wide $address:2 > /share/probe.json"
    [ -z "$output" ] || note "$output"
    note "it took $(awk -v begin="$begin" '{ print $1 - begin }' /proc/uptime) s, and gains $(host json probe.json $bar/gain)"
    is "$(host watched)" changed "meanwhile the far side sees the range change, and nothing else"
    check "afterwards it has its contents again" host same
    is "$(state $address)" "$before" "and the device its driver, override, power, enable count and COMMAND"
}

files=$(bar_files)
wide=--wide # an emulator has every instruction

# ---- unbound, in a virtual machine that nobody accepts ----

site "$(accepts $held)"
pciwc --json list > /share/list.json
is "$(host json list.json $bar/prefetchable $bar/verdict)" "true unknown" "the BAR is found, and unknown"
command_set 0:2
probe 3 "probed without a driver, it is not safe where nobody accepts a virtual machine"
is "$(host json probe.json $bar/verdict)" unknown "it is unknown"
like "$(host json probe.json $bar/reasons)" '(^|,)virtual-platform(,|$)' "because this is a virtual machine"
like "$(host json probe.json $bar/next/0/text)" '"accept"' "and what to do about it is said"

# ---- bound to vfio-pci, and accepted ----

site "$(accepts virtual-platform $held)" "$grant"
check "vfio-pci binds" bind $address vfio-pci
command_set 4:4
probe 0 "probed below vfio-pci it is safe"
is "$(host json probe.json $bar/verdict $bar/scope $bar/target)" "safe virtual safe" "in this virtual machine's scope, path and target"
found() {
    for step in save type background subword unaligned sparse wide64 wide128 order drain coherent burst libc quiet bench restore; do
        echo "$step $(host json probe.json $bar/findings/$step/outcome $bar/findings/$step/scope)"
    done | grep -v ' pass virtual$' | tr '\n' ' '
}
unexercised="sparse not-exercised virtual order not-exercised virtual burst not-exercised virtual "
is "$(found)" "$unexercised" "each step passed but those that need combining, for an emulator combines nothing"
is "$(host json probe.json devices/$address/path/proof/basis devices/$address/path/proof/bar $bar/path_basis $bar/proof/scope)" \
    "probed 2 probed virtual" "what proved the path, and how far that carries, is said"
like "$(pciwc explain $address)" 'a pass means that no defect was seen, not that there is none' "and that a pass is no more than it is"
wide=
probe 0 "without --wide it is safe, too, in a virtual machine that is accepted"
is "$(found)" "sparse not-exercised virtual wide128 unsupported virtual order not-exercised virtual burst not-exercised virtual libc unsupported virtual " \
    "though what a hypervisor may be unable to emulate was not tried"

# ---- the same machine as a captured one ----

mount --rbind / /mnt
pciwc --root /mnt --json explain $address > /share/replay.json
is "$(pciwc --root /mnt --json list | grep -v '"verdict"')" "$(pciwc --json list | grep -v '"verdict"')" "looked at as a captured tree it has the same BARs"
is "$(host json replay.json $bar/verdict $bar/scope $bar/findings/type/scope)" "unknown replay virtual" "but what was found here proves nothing there"
exits 3 "and it cannot be probed" traced pciwc --root /mnt probe $address:2
is "$(opened)" "" "nor is it opened"
umount -l /mnt

# ---- is it worth it ----

if [ "$ARCH" = x86_64 ]; then
    # Both mappings are as fast there, but for what else the host does meanwhile: twice as fast none will be.
    site "$(accepts virtual-platform $held)" "$grant" '"minimum": {"gain": 2}'
    pciwc --json explain $address > /share/probe.json
    is "$(host json probe.json $bar/grantable)" false "it is not to be granted"
    like "$(host json probe.json $bar/reasons)" '(^|,)gain-low(,|$)' "for it gains too little here"
    exits 3 "so apply says that not all was granted" pciwc policy apply
    is "$(bar_files)" "$files" "and grants nothing"
    site "$(accepts virtual-platform $held)" "$grant" '"minimum": {"gain": 0}'
else
    gain=$(host json probe.json $bar/gain)
    check "it gains more than the default minimum" awk "BEGIN { exit !($gain > 1.2) }"
fi

# ---- granted ----

# What `policy show` would have to print if the system is as it says.
shown_paths() { pciwc policy show | sed -n 's/^\(\/[^ ]*\): .*mode 0[0-7]*$/\1/p'; }
written() {
    shown_paths | while read -r path; do
        case $path in
        /sys/*) stat -c "$path: group %G, mode 0%a" "$path" ;;
        *)      stat -c "$path: mode 0%a" "$path"; cat "$path" ;;
        esac
    done
}
apply() { sh -c "pciwc --json policy apply > /share/apply.json"; }

shown=$(pciwc policy show)
touch /tmp/before
check "the policy is applied" apply
is "$(host json apply.json changed)" 3 "by an approval, a mode and a publication"
is "$(bar_files | grep -vxF "$files")" "$device/resource2_wc 660 0:990" "of all BAR files only this one has another mode and group"
is "$(written)" "$shown" "what was shown before is what is there now"
is "$(pciwc policy show)" "$shown" "and is still shown"
is "$(find /etc /usr /var /run -type f -newer /tmp/before ! -name '*lock' ! -path '/run/udev/*' | sort)" "$(shown_paths | grep -v ^/sys/ | sort)" "no other file was written, but for what udev keeps of the device"
cp /run/pciwc/policy.json /share/policy.json
is "$(host json policy.json $bar/verdict $bar/granted)" "safe true" "programs can read that it is granted"

own=$(own_files)
check "it is applied again" apply
is "$(host json apply.json changed)" 0 "which changes nothing"
is "$(own_files)" "$own" "and writes nothing"

# ---- used ----

command_set 2:2
is "$(as alice /guest/poke $device/resource2_wc 0x100)" "$(host word 0x100)" "alice, in the group, reads the far side's memory through it"
exits 3 "bob, who is not, cannot" as bob /guest/poke $device/resource2_wc 0x100
for file in /sys/bus/pci/devices/*/resource[0-9] /sys/bus/pci/devices/*/resource[0-9]_wc; do
    [ "$file" = $device/resource2_wc ] || ! as alice /guest/poke "$file" 0 > /dev/null 2>&1 || echo "$file"
done > /tmp/open
is "$(cat /tmp/open)" "" "and she cannot use any other"

# ---- taken back ----

mv /etc/pciwc/site.json /tmp/site.json
is "$(pciwc policy show | grep "once, and")" "$device/resource2_wc: granted once, and not any more: to be root's alone again
/var/lib/pciwc/approvals/$address.json: approved once, and nothing of it is granted any more: to be removed" "without the site's word all of it would be taken back, which is shown"
mv /tmp/site.json /etc/pciwc/site.json
check "the policy is reverted" pciwc policy revert
is "$(bar_files)" "$files" "all BAR files are as they were"
is "$(find /var/lib/pciwc/approvals /run/pciwc -type f ! -name '*lock')" "" "what was written is gone"
exits 3 "alice is out again" as alice /guest/poke $device/resource2_wc 0x100
