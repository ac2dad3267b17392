# shellcheck shell=sh
# Knows that by the project's units alone what was approved is in force after a boot, and that none of them fails.
# SPDX-License-Identifier: GPL-2.0-or-later
# full: aarch64
address=0000:01:00.0
file=/sys/bus/pci/devices/$address/resource2_wc
grant='"grant": [{"device": "0000:01:00.0", "bar": 2, "group": "pciwc", "backend": "grant"}]'
# an emulator gains nothing
accepted="$(accepts virtual-platform entry:ivshmem-arm64-guest), \"minimum\": {\"gain\": 0}"
given="660 0:990"
mode() { stat -c '%a %u:%g' $file; }
state() { systemctl show -P ActiveState -P SubState -P Result "$1" | tr '\n' ' '; }
# finished UNIT: it is no longer on its way
finished() { [ "$(systemctl show -P ActiveState "$1")" != activating ]; }

if [ "$BOOT" = 1 ]; then
    site "$accepted" "$grant"
    check "a BAR is probed" pciwc probe --wide $address:2
    check "and granted" pciwc policy apply
    check "the units are enabled" systemctl enable pciwc-boot.service pciwc-probe.service pciwc-refresh.path
    tar -C / -cf /share/state.tar var/lib/pciwc etc/pciwc etc/systemd/system
fi

if [ "$BOOT" = 2 ]; then
    check "the policy's unit ends" await 60 finished pciwc-boot.service
    is "$(state pciwc-boot.service)" "active exited success " "as it should"
    is "$(state pciwc-probe.service)" "active exited success " "and so did the one that probes"
    is "$(mode)" "$given" "what was approved is in force"
    check "published" test -e /run/pciwc/policy.json
    check "and all is as the policy says" pciwc policy verify
    check "the database is watched" systemctl is-active pciwc-refresh.path
    site "$accepted"
    revoked() { [ "$(mode)" != "$given" ]; }
    check "a site file that grants nothing any more revokes by itself" await 30 revoked
    check "and that unit ends" await 60 finished pciwc-refresh.service
    is "$(systemctl --failed --no-legend --plain | tr '\n' ';')" "" "nothing failed"
fi
