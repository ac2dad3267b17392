# shellcheck shell=sh
# Knows that what was approved is in force again after whatever happens to a device, and gone as soon as it rests on nothing.
# SPDX-License-Identifier: GPL-2.0-or-later
# full: aarch64
address=0000:01:00.0 other=0000:02:00.0
device=/sys/bus/pci/devices/$address
file=$device/resource2_wc
grant='"grant": [{"device": "0000:01:00.0", "bar": 2, "group": "pciwc", "backend": "grant"}]'
# an emulator gains nothing
accepted="$(accepts virtual-platform entry:ivshmem-arm64-guest), \"minimum\": {\"gain\": 0}"
approval=/var/lib/pciwc/approvals/$address.json

given="660 0:990" nobody="600 0:0"
mode() { stat -c '%a %u:%g' $file; }
# property NAME: what udev's database has, once all events are handled
property() { udevadm settle; udevadm info -q property $device | sed -n "s/^PCIWC_$1=//p"; }
properties() { udevadm settle; udevadm info -q property $device | grep ^PCIWC_ | sort | tr '\n' ' ' || true; }
all="PCIWC_GRANTED_BARS=2 PCIWC_PATH=safe PCIWC_REASON=approved PCIWC_SAFE_BARS=2 "
granted() { [ "$(mode 2> /dev/null)" = "$given" ]; }
# quiet COMMAND...: it succeeds, and opens no BAR (O_PATH opens nothing: it names a file, whose mode is set)
quiet() { traced "$@" && sed -i /O_PATH/d /tmp/trace && [ -z "$(opened)" ]; }

if [ "$BOOT" = 1 ]; then
    is "$(properties)" "" "udev knows nothing of a device without an approval"
    check "whose event starts no process" sh -c "! udevadm test $device 2>&1 | grep 'pciwc udev'"
    site "$accepted" "$grant"
    check "a BAR is probed" pciwc probe --wide $address:2
    check "and granted" pciwc policy apply
    is "$(mode)" "$given" "the group has it"
    is "$(properties)" "$all" "and udev knows, without another event from outside"
    check "refresh opens no BAR" quiet pciwc refresh
    like "$(pciwc refresh)" 'nothing to change' "and twice changes nothing"
    check "nor does the helper open one" quiet pciwc udev $address
    begin=$(cut -d' ' -f1 /proc/uptime)
    for _ in 1 2 3 4 5 6 7 8 9 10; do pciwc udev $address > /dev/null; done
    note "the helper takes $(awk -v begin="$begin" '{ print ($1 - begin) * 100 }' /proc/uptime) ms, emulated"

    # ---- a database that denies, and a site that does not ----

    cat > /usr/share/pciwc/quirks.d/90-new.json <<- 'Q'
		{"schema": 1, "serial": 20261128, "entries": [{"name": "new-deny", "effect": "deny", "hazards": ["ordering"],
		  "match": [{"arch": "x86_64"}, {"arch": "aarch64"}], "why": "it was found out", "references": ["https://example.org/new"],
		  "confidence": "confirmed", "since": "2026-11-28"}]}
	Q
    echo change > $device/uevent
    is "$(property REASON)" stale-database "by a new database nothing counts before it is judged"
    is "$(mode)" "$nobody" "and nobody has it"
    check "a new deny revokes, and opens no BAR" quiet pciwc refresh
    check "the approval is gone" test ! -e $approval
    is "$(properties)" "" "and udev's properties with it"
    site "$accepted" "$grant" '"lift": [{"entry": "new-deny", "reason": "not here"}]'
    check "lifted by the site" pciwc refresh
    is "$(mode) $(property REASON)" "$given approved" "it is back"
    rm /usr/share/pciwc/quirks.d/90-new.json
    site "$accepted"
    pciwc refresh > /dev/null
    is "$(mode)" "$nobody" "a site that grants nothing any more revokes"
    site "$accepted" "$grant"
    pciwc refresh > /dev/null
    is "$(mode)" "$given" "and one that does gives, from what was found"

    # ---- drivers, removal, another device ----

    check "vfio-pci binds" bind $address vfio-pci
    is "$(mode) $(properties)" "$given $all" "below it all is as before"
    unbind $address
    echo > $device/driver_override
    is "$(mode) $(properties)" "$given $all" "and after it"
    echo 1 > $device/remove
    echo 1 > /sys/bus/pci/rescan
    check "removed and found again it is granted" await 20 granted
    is "$(properties)" "$all" "and udev knows"
    check "the device is taken out" host unplug
    check "it goes" await 30 test ! -e $device
    check "another one comes into its slot" host plug_another
    check "with a file of the same name" await 30 test -e $file
    is "$(property REASON)" stale-device "which has nothing of what the first one had"
    is "$(property GRANTED_BARS) $(mode)" " $nobody" "and nobody is given it"
    check "that is taken out" host unplug
    check "and goes" await 30 test ! -e $device
    check "the first comes back" host plug
    check "and is granted, however late its files come" await 30 granted
    is "$(properties)" "$all" "as udev knows"
    tar -C / -cf /share/state.tar var/lib/pciwc etc/pciwc
fi

if [ "$BOOT" = 2 ]; then
    is "$(mode) $(properties)" "$given $all" "after a cold boot with an approval on disk all is there, by udev alone"
    is "$(udevadm info -q property /sys/bus/pci/devices/$other | grep -c ^PCIWC_ || true)" 0 "and nothing of a device without one"
    check "nobody has published anything" test ! -e /run/pciwc/policy.json
    check "what runs at boot opens no BAR" quiet pciwc refresh
    check "publishes" test -e /run/pciwc/policy.json
    check "and all is as the policy says" pciwc policy verify
    check "with nothing to probe at boot nothing is probed" quiet pciwc probe --at-boot
fi

if [ "$BOOT" = 3 ]; then
    is "$(property REASON)" stale-cmdline "with another command line it is stale, and says so"
    is "$(mode)" "$nobody" "nobody has it"
    like "$(pciwc explain $address)" "the kernel's command line is another one" "explain says what changed"
    like "$(pciwc explain $address)" 'boot with the command line of before' "and what to do"
    check "judged again" pciwc refresh
    check "the approval is gone" test ! -e $approval
    is "$(mode) $(properties)" "$nobody " "and nothing granted"
fi
