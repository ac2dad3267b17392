# shellcheck shell=sh
# Knows that a path which the database denies is never probed nor granted, and that the user is told on whose word.
# SPDX-License-Identifier: GPL-2.0-or-later
# full: aarch64
address=0000:01:00.0
device=devices/$address
denied=$device/path/reasons/path-denied
files=$(stat -c '%n %a %u:%g' /sys/bus/pci/devices/*/resource*)

# all that the site can accept: only the deny is left
site "$(accepts virtual-platform entry:ivshmem-arm64-guest)" '"minimum": {"gain": 0}' \
    '"grant": [{"device": "1af4:1110", "bar": 2, "group": "pciwc", "backend": "grant"}]'

check "$ENTRY: list answers" sh -c "pciwc --json list > /share/list.json"
is "$(host json list.json $device/bars/2/verdict)" unsafe "the BAR is unsafe without a probe"
exits 3 "it is not probed" traced sh -c "pciwc --json probe $address:2 > /share/probe.json"
is "$(opened)" "" "nor opened"
is "$(host json probe.json $device/path/verdict $device/bars/2/verdict)" "unsafe unsafe" "path and BAR are unsafe"
quirk=$device/path/quirks/$ENTRY
is "$(host json probe.json "$quirk/effect" "$quirk/file")" "deny $FILE" "by this entry of the database"
like "$(host json probe.json $denied/text)" "^$ENTRY \($FILE\) denies it: ." "the reason names the entry and its file, and says why"
like "$(host json probe.json $denied/references)" '^https://' "with a reference"
is "$(host json probe.json $device/bars/2/findings)" "" "nothing was found, for nothing was tried"
exits 3 "nor is it granted" pciwc policy apply
is "$(stat -c '%n %a %u:%g' /sys/bus/pci/devices/*/resource*)" "$files" "each BAR's files are as they were"
