# shellcheck shell=sh
# Knows that by the project's units alone what was approved is in force after a boot, that none of them fails, and that the journal
# tells of each VFIO driver that takes a device on an unsafe path.
# SPDX-License-Identifier: GPL-2.0-or-later
# full: aarch64
address=0000:01:00.0 held=0000:02:00.0 declared=0000:03:00.0
probed=/var/lib/pciwc/findings/$declared-bar2.json
scratch="\"scratch\": [{\"device\": \"$declared\", \"bar\": 2, \"offset\": 0, \"size\": 1048576}], \"probe_at_boot\": true"
file=/sys/bus/pci/devices/$address/resource2_wc
pin=
[ "$ARCH" != x86_64 ] || pin=", {\"device\": \"$held\", \"bar\": 2, \"backend\": \"pin\"}"
grant="\"grant\": [{\"device\": \"$address\", \"bar\": 2, \"group\": \"pciwc\", \"backend\": \"grant\"}$pin]"
# an emulator gains nothing
accepted="$(accepts virtual-platform entry:ivshmem-arm64-guest), \"minimum\": {\"gain\": 0}"
given="660 0:990"
mode() { stat -c '%a %u:%g' $file; }
state() { for name in ActiveState SubState Result; do printf '%s ' "$(systemctl show -P $name "$1")"; done; }
# finished UNIT: it is no longer on its way
finished() { [ "$(systemctl show -P ActiveState "$1")" != activating ]; }

if [ "$BOOT" = 1 ]; then
    site "$accepted" "$grant" "$scratch"
    check "BARs are probed" pciwc probe --wide $address:2 ${pin:+$held:2}
    check "and granted" pciwc policy apply
    if [ "$pin" ]; then
        await 30 finished pciwc-pin@$held.service
        is "$(state pciwc-pin@$held.service)" "active running success " "what is to be held is held, by its service"
        check "and all is as the policy says" pciwc policy verify
        killed=$(systemctl show -P MainPID pciwc-pin@$held.service)
        systemctl kill pciwc-pin@$held.service
        held_again() { now=$(systemctl show -P MainPID pciwc-pin@$held.service) && [ "$now" != 0 ] && [ "$now" != "$killed" ]; }
        check "a pin that somebody ended begins again" await 30 held_again
        await 30 pciwc policy verify > /dev/null
        check "as the policy says" pciwc policy verify
    fi
    check "nobody has probed what is only declared" test ! -e $probed
    check "the units are enabled" systemctl enable pciwc-boot.service pciwc-probe.service pciwc-refresh.path
    tar -C / -cf /share/state.tar var/lib/pciwc etc/pciwc etc/systemd/system
fi

if [ "$BOOT" = 2 ]; then
    check "the policy's unit ends" await 60 finished pciwc-boot.service
    is "$(state pciwc-boot.service)" "active exited success " "as it should"
    is "$(state pciwc-probe.service)" "active exited success " "and so did the one that probes"
    check "which has probed what the site declares" test -e $probed
    unlike "$(cat $probed)" '"(died|failed)"' "by steps that could do their work"
    is "$(mode)" "$given" "what was approved is in force"
    if [ "$pin" ]; then
        await 30 finished pciwc-pin@$held.service
        is "$(state pciwc-pin@$held.service)" "active running success " "and what is held is, without anybody asking"
    fi
    check "published" test -e /run/pciwc/policy.json
    check "and all is as the policy says" pciwc policy verify
    check "the database is watched" systemctl is-active pciwc-refresh.path
    site "$accepted" "$scratch"
    revoked() { [ "$(mode)" != "$given" ]; }
    check "a site file that grants nothing any more revokes by itself" await 30 revoked
    check "and that unit ends" await 60 finished pciwc-refresh.service
    [ ! "$pin" ] || check "and ends the pin" await 30 sh -c "! systemctl -q is-active pciwc-pin@$held.service"

    # ---- the unit that probes takes, and does not give ----

    findings() { echo "/var/lib/pciwc/findings/$1-bar2.json"; }
    row() { echo "{\"device\": \"$1\", \"bar\": 2, \"group\": \"pciwc\", \"backend\": \"grant\"}"; }
    given_to() { [ "$(stat -c '%a %u:%g' "/sys/bus/pci/devices/$1/resource2_wc")" = "$given" ]; }
    systemctl stop pciwc-refresh.path
    rm -f "$(findings $declared)" "$(findings $held)"
    site "$accepted" "\"grant\": [$(row $address), $(row $declared)]" \
        "\"scratch\": [{\"device\": \"$held\", \"bar\": 2, \"offset\": 0, \"size\": 1048576}], \"probe_at_boot\": true"
    check "what was found once is given" pciwc refresh
    is "$(given_to $address && ! given_to $declared && echo one)" one "and that alone"
    check "another is proven" pciwc probe --wide $declared:2
    rm "$(findings $address)"
    check "the unit probes a third, and finds that what was given is not proven any more" systemctl restart pciwc-probe.service
    is "$(state pciwc-probe.service)" "active exited success " "which is no failure"
    check "it has probed it" test -e "$(findings $held)"
    refuse "what was given is taken back" given_to $address
    refuse "and what is proven is not for this unit to give" given_to $declared
    check "the policy's unit" systemctl restart pciwc-boot.service
    check "does" given_to $declared
    check "as the policy says" pciwc policy verify

    # ---- what an event finds stale is judged anew ----

    refreshed() { systemctl show --value -p ExecMainStartTimestampMonotonic pciwc-refresh.service; }
    since() { [ "$(refreshed)" != "$before" ]; }
    before=$(refreshed)
    sed -i 's/;kernel=/;kernel=before-/' /var/lib/pciwc/approvals/$declared.json
    echo change > /sys/bus/pci/devices/$declared/uevent
    check "an approval that is stale starts a refresh by itself" await 60 since
    check "which ends" await 60 finished pciwc-refresh.service
    check "and gives what is still to be given" await 20 given_to $declared
    check "as the policy says, once more" pciwc policy verify
    site "$accepted"
    check "nothing is asked for any more" pciwc refresh
    check "the site file is watched again" systemctl start pciwc-refresh.path

    await 60 finished pciwc-refresh.service || true
    before=$(refreshed)
    install -D -m 644 /etc/pciwc/site.json /etc/pciwc/imports/there.json
    check "what another machine found is judged by itself when it comes" await 60 since
    check "and the unit ends, too" await 60 finished pciwc-refresh.service

    # ---- a path that is denied, and VFIO ----

    # not by unit: whoever tells the journal may have ended before it asks to which he belongs
    warned() { journalctl -q --no-pager -o cat -t pciwc | grep -c "$address is bound to a VFIO driver, and its path is unsafe" || true; }
    # and it writes later
    told() { [ "$(warned)" -ge "$1" ]; }
    check "a driver that comes where nothing is denied" bind $address vfio-pci
    is "$(warned)" 0 "is nobody's concern"
    unbind $address
    mkdir -p /etc/pciwc/quirks.d
    cat > /etc/pciwc/quirks.d/90-new.json <<- 'Q'
		{"schema": 1, "serial": 20261128, "entries": [{"name": "new-deny", "effect": "deny", "hazards": ["ordering"],
		  "match": [{"arch": "x86_64"}, {"arch": "aarch64"}], "why": "it was found out", "references": ["https://example.org/new"],
		  "confidence": "confirmed", "since": "2026-11-28"}]}
	Q
    check "a new deny marks the device by itself" await 60 test -e /run/pciwc/unsafe/$address
    check "and the unit ends" await 60 finished pciwc-refresh.service
    is "$(warned)" 0 "which no VFIO driver has"
    check "one binds" bind $address vfio-pci
    check "the journal has a warning" await 20 told 1
    await 20 sh -c "journalctl -q --no-pager -o cat -t pciwc | grep -q x-no-mmap" || true
    like "$(journalctl -q --no-pager -o cat -t pciwc)" "$address: .*x-no-mmap=on.*; its risk: each access is slow" "and what can be done, with its risk"
    check "one binds again" bind $address vfio-pci
    await 20 told 2 || true
    is "$(warned)" 2 "each bind is warned of once"
    rm /etc/pciwc/quirks.d/90-new.json
    check "the deny goes, and the mark with it" await 60 test ! -e /run/pciwc/unsafe/$address
    is "$(systemctl --failed --no-legend --plain | tr '\n' ';')" "" "nothing failed"
fi
