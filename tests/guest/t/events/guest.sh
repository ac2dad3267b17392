# shellcheck shell=sh disable=SC2154,SC2086 # the helpers set them
# Knows that the policy holds whoever drives a device and however it is reset, that a deny which is hidden still holds, that two pciwc
# do not meet at one device, and what is said where the kernel is locked down.
# SPDX-License-Identifier: GPL-2.0-or-later
# full: aarch64
memory=0000:01:00.0 disk=0000:02:00.0
pci=/sys/bus/pci/devices
quirks=/etc/pciwc/quirks.d
file=$pci/$disk/resource2_wc
accepted="$(accepts virtual-platform entry:ivshmem-arm64-guest), \"minimum\": {\"gain\": 0}"
grants="\"grant\": [{\"device\": \"$memory\", \"bar\": 2, \"group\": \"pciwc\", \"backend\": \"grant\"},
                    {\"device\": \"$disk\", \"bar\": 2, \"group\": \"pciwc\", \"backend\": \"grant\"}]"
given="660 0:990" nobody="600 0:0"
all="PCIWC_GRANTED_BARS=2 PCIWC_PATH=safe PCIWC_REASON=approved PCIWC_SAFE_BARS=2 "

mode() { stat -c '%a %u:%g' $pci/"$1"/resource2_wc; }
properties() { udevadm settle; udevadm info -q property $pci/"$1" | grep ^PCIWC_ | sort | tr '\n' ' ' || true; }
driver() { basename "$(readlink $pci/$disk/driver || echo none)"; }
lives() { grep -qx live $pci/$disk/nvme/nvme*/state; }
# in_force WHEN
in_force() {
    is "$(mode $disk) $(properties $disk)" "$given $all" "$1: the policy is in force"
    check "$1: and all is as it says" pciwc policy verify
}
# in_the_middle STEP: a probe of the memory is stopped there
in_the_middle() {
    begin pciwc --json probe $memory:2
    stop middle "$1" || not_ok "the probe does not get to its $1"
}
json() { sh -c "pciwc --json $* > /share/said.json"; }
said() { host json said.json "$@"; }

if [ "$BOOT" = 2 ]; then
    grep -q '\[integrity\]' /sys/kernel/security/lockdown || { skip "this kernel cannot be locked down"; exit 0; }
    is "$(mode $memory) $(mode $disk)" "$nobody $nobody" "locked down: an approval on disk gives nobody anything"
    is "$(properties $memory)" "PCIWC_PATH=unknown PCIWC_REASON=locked-down " "and says why"
    json explain $memory
    is "$(said devices/$memory/bars/2/surfaces/sysfs devices/$memory/bars/2/grantable)" "locked-down false" "explain says so to programs"
    like "$(pciwc explain $memory)" 'locked-down: ' "and to people"
    like "$(pciwc explain $memory)" 'without lockdown|Secure Boot off' "with what to do"
    like "$(pciwc platform)" 'lockdown +integrity' "platform says so"
    json list
    is "$(said devices/$memory/bars/2/granted)" false "list grants nothing"
    check "a policy is shown" pciwc policy show
    unlike "$output" 'resource2_wc' "without a grant"
    like "$output" 'locked down' "and says why"
    exits 5 "what is on file is drift" pciwc policy verify
    like "$output" 'locked down' "which is said"
    check "a refresh grants nothing" pciwc refresh
    like "$output" 'locked down' "and says why"
    exits 3 "nor does apply" pciwc policy apply
    like "$output" 'locked down' "and says why"
    is "$(mode $memory) $(find /var/lib/pciwc/approvals -type f)" "$nobody " "nothing is approved"
    check "which is no drift" pciwc policy verify
    exits 3 "nothing is probed" pciwc probe $memory:2
    like "$output" 'locked down' "for that reason"
    check "vfio-pci binds" bind $memory vfio-pci
    is "$(type_of $memory map:2:0:0x1000)" $uc "and VFIO works as ever"
    exit 0
fi

# ---- a native driver, vfio-pci, none; reset ----

mkdir -p $quirks
cat > $quirks/50-buffer.json <<- 'Q'
	{"schema": 1, "serial": 20261129, "entries": [{"name": "buffer", "effect": "memory", "hazards": [], "scratch": [{"offset": 0, "size": 16384}],
	  "match": [{"device": "1b36:0010", "bar": [2]}], "why": "it is the controller's buffer", "references": ["https://example.org/buffer"],
	  "confidence": "confirmed", "since": "2026-11-29"}]}
Q
mkdir -p /boot
echo CONFIG_IO_STRICT_DEVMEM=y > "/boot/config-$(uname -r)"  # as it is in Debian's, which the guest does not bring
site "$accepted" "$grants"
await 20 test -e $pci/$disk/driver || true
is "$(driver)" nvme "the disk has its driver"
check "vfio-pci binds instead" bind $disk vfio-pci
check "two BARs are probed" pciwc probe $memory:2 $disk:2
check "and granted" pciwc policy apply
in_force "below vfio-pci"
check "its user may map it" as alice /guest/poke $file 0
check "the disk's own driver binds" bind $disk nvme
check "and works" await 20 lives
in_force "below its own driver"
refuse "whose BAR the kernel gives nobody else" as alice /guest/poke $file 0
json explain $disk
is "$(said devices/$disk/bars/2/surfaces/sysfs)" busy "as explain says"
like "$(cat $pci/$disk/reset_method)" flr "the disk can be reset by itself"
echo 1 > $pci/$disk/reset
check "it works when it was" await 20 lives
in_force "reset below its own driver"
check "vfio-pci binds again" bind $disk vfio-pci
in_force "below vfio-pci again"
json explain $disk
is "$(said devices/$disk/bars/2/surfaces/sysfs)" available "and no driver of the host has the BAR"
check "its user may map it again" as alice /guest/poke $file 0
echo 1 > $pci/$disk/reset
in_force "reset below vfio-pci"
unbind $disk
echo > $pci/$disk/driver_override
in_force "without a driver"
echo 1 > $pci/$disk/reset
in_force "reset without a driver"

# ---- files that are made anew without an event, as resourceN_resize does: no device of QEMU's has it ----

is "$(find $pci/*/ -name 'resource*_resize')" "" "no BAR here can be resized"
chmod 600 $file
chgrp 0 $file
exits 5 "a file that was made anew is drift" pciwc policy verify
like "$output" "$file: not of group pciwc" "by name"
check "and mended" pciwc refresh
in_force "made anew and mended"

# ---- what is published and cannot be trusted may say what no longer holds ----

chmod 666 /run/pciwc/policy.json
check "a probe finds what is safe safe again" pciwc probe $disk:2
like "$output" "/run/pciwc/policy.json.*: the policy follows" "what others could have written is published anew"
is "$(stat -c %a /run/pciwc/policy.json)" 644 "so that nobody else can"
in_force "published anew"

# ---- a deny, hidden ----

deny=/usr/share/pciwc/quirks.d/90-new.json
cat > $deny <<- 'Q'
	{"schema": 1, "serial": 20261129, "entries": [{"name": "new-deny", "effect": "deny", "hazards": ["ordering"],
	  "match": [{"arch": "x86_64"}, {"arch": "aarch64"}], "why": "it was found out", "references": ["https://example.org/new"],
	  "confidence": "confirmed", "since": "2026-11-29"}]}
Q
check "a new deny comes" pciwc refresh
is "$(mode $disk)" "$nobody" "and revokes"
ln -s /dev/null $quirks/90-new.json
check "somebody hides it" pciwc refresh
is "$(mode $disk) $(mode $memory)" "$nobody $nobody" "and it holds all the same"
json explain $memory
is "$(said devices/$memory/path/verdict devices/$memory/bars/2/grantable)" "unknown false" "for what it denied is not known to be safe"
like "$(pciwc explain $memory)" 'path-held: .*new-deny' "which is said by its name"
exits 3 "nothing is probed there" pciwc probe $memory:2
site "$accepted" "$grants" '"lift": [{"entry": "new-deny", "reason": "not here"}]'
check "the site lifts it by that name" pciwc refresh
in_force "lifted"
rm $deny $quirks/90-new.json
site "$accepted" "$grants"
check "all is as before" pciwc refresh
in_force "without the deny"

# ---- two at once ----

in_the_middle background
exits 3 "beside a probe another is refused" pciwc probe $disk:2
like "$output" "another pciwc is running" "and says why"
check "a policy is applied beside it" pciwc policy apply
check "and judged again" pciwc refresh
check "and an event is served" pciwc udev $disk
go_on
ended
is "$code" 0 "and the probe comes to its end"
in_force "probed and applied at once"
lock=/run/pciwc/policy.lock
# who changes the policy waits for who does: each is asked while somebody has its lock
for verb in "policy apply" "policy revert" "refresh" "udev $disk"; do
    # shellcheck disable=SC2086 # words
    flock -o $lock sh -c "pciwc $verb > /tmp/waited 2>&1 & echo \$! > /tmp/waiter; sleep 1; kill -0 \$! && touch /tmp/waits" || true
    check "$verb waits for another pciwc" test -e /tmp/waits
    check "and then does its work" await 20 sh -c "! kill -0 $(cat /tmp/waiter)"
    rm -f /tmp/waits
done
check "what was reverted is applied" pciwc policy apply
for _ in 1 2 3 4 5 6; do pciwc policy apply > /dev/null & done
for _ in 1 2 3 4 5 6; do pciwc refresh > /dev/null & done
wait
in_force "six that apply and six that refresh at once"
tar -C / -cf /share/state.tar var/lib/pciwc etc/pciwc
