# shellcheck shell=sh
# Knows that what was approved is not in force on what is another machine by now, that what changed is said, and what to do.
# SPDX-License-Identifier: GPL-2.0-or-later
# full: aarch64
memory=0000:02:00.0 screen=0000:03:00.0
pci=/sys/bus/pci/devices
entry=/etc/pciwc/quirks.d/50-screen.json
approvals=/var/lib/pciwc/approvals

modes() { stat -c '%a %u:%g' $pci/$memory/resource2_wc $pci/$screen/resource0_wc | tr '\n' ' '; }
given="660 0:990 660 0:990 " nobodys="600 0:0 600 0:0 "
# reason ADDRESS: what udev knows of it
reason() { udevadm settle; udevadm info -q property $pci/"$1" | sed -n 's/^PCIWC_REASON=//p'; }
property() { udevadm info -q property $pci/"$1" | sed -n "s/^PCIWC_$2=//p"; }

# judge: probes both, and grants them
judge() {
    check "both are probed" pciwc probe $memory:2 $screen:0
    check "and granted" pciwc policy apply
    is "$(reason $memory) $(reason $screen)" "approved approved" "as udev knows"
    is "$(modes)" "$given" "their group has them"
    tar -C / -cf /share/state.tar var/lib/pciwc etc/pciwc
}

# stale ADDRESS PART WHAT NEXT: the part, the words for it, and for what to do
stale() {
    is "$(reason "$1")" "stale-$2" "$CHANGED: what was approved of $1 does not count, and by what part is said"
    is "$(property "$1" GRANTED_BARS)$(property "$1" SAFE_BARS) $(property "$1" PATH)" " unknown" "$CHANGED: nothing of it is published as safe"
    explained=$(pciwc explain "$1")
    like "$explained" "$3" "$CHANGED: explain says what is another one"
    like "$explained" "$4" "$CHANGED: and what to do"
}

case $CHANGED in
nothing)
    mkdir -p ${entry%/*}
    cat > $entry <<- 'Q'
		{"schema": 1, "serial": 20261129, "entries": [{"name": "screen", "effect": "memory", "hazards": [], "scratch": [{"offset": 0, "size": 65536}],
		  "match": [{"device": "1234:1111", "bar": [0]}], "why": "it is a screen's memory", "references": ["https://example.org/screen"],
		  "confidence": "confirmed", "since": "2026-11-29"}]}
	Q
    site "$(accepts virtual-platform entry:ivshmem-arm64-guest)" '"minimum": {"gain": 0}' \
        "\"grant\": [{\"device\": \"$memory\", \"bar\": 2, \"group\": \"pciwc\", \"backend\": \"grant\"},
                     {\"device\": \"$screen\", \"bar\": 0, \"group\": \"pciwc\", \"backend\": \"grant\"}]"
    judge ;;
firmware)
    stale $memory firmware "the firmware's version or date is another one" "go back to the firmware of before" ;;
devices)
    stale $memory address "the BAR's address is another one" "pciwc probe $memory:2"
    stale $screen revision "the device's revision is another one" "pciwc probe $screen:0" ;;
kernel | forward | back)
    stale $memory kernel "the kernel's release is another one" "boot the kernel of before" ;;
esac
[ "$CHANGED" = nothing ] || is "$(modes)" "$nobodys" "$CHANGED: nobody has them"
case $CHANGED in
forward)
    judge ;;
back)
    exits 3 "not all that the site asks for is granted" pciwc policy apply
    is "$(find $approvals -type f)" "" "the approvals are gone"
    is "$(modes) $(reason $memory)" "$nobodys " "and udev's properties with them" ;;
esac
