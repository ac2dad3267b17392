# shellcheck shell=sh
# Knows which BARs pciwc opens at all: a wrong one may be a doorbell, or a register that forgets what is read from it.
# SPDX-License-Identifier: GPL-2.0-or-later
# full: aarch64
devices=/sys/bus/pci/devices
memory=0000:01:00.0 vnet=0000:02:00.0 nvme=0000:03:00.0 edu=0000:04:00.0 hole=0000:05:00.0

for address in $vnet $nvme $edu $hole; do
    unbind "$address"                           # no driver stands in the way
    check "$address is there, and has no driver" test -e "$devices/$address/config" -a ! -e "$devices/$address/driver"
done
commands() { for address in $vnet $nvme $edu $hole; do setpci -s "$address" COMMAND; done; }
before=$(commands)
accepted=$(accepts virtual-platform entry:ivshmem-arm64-guest)
site "$accepted"

for verb in list "list --all" explain platform "probe --plan"; do
    # shellcheck disable=SC2086 # words
    check "$verb answers" traced pciwc $verb
    is "$(opened)" "" "$verb opens no BAR"
done

exits 3 "a probe of all that there is finds not all safe" traced pciwc probe
is "$(opened)" "$memory resource2
$memory resource2_wc
$nvme resource0" "and opens the memory's BAR, and the registers that say where the disk's buffer is, only"

exits 3 "nothing else is probed by asking for it" traced sh -c "pciwc --json probe $vnet:4 $nvme:4 $edu:0 > /share/probe.json"
is "$(opened)" "$nvme resource0" "nor opened, but for these registers"
is "$(host json probe.json devices/$vnet/bars/4/verdict)" unsafe "the network card's BAR is unsafe"
like "$(host json probe.json devices/$vnet/bars/4/reasons)" '(^|,)target-not-memory(,|$)' "for it holds registers"
is "$(host json probe.json devices/$nvme/bars/4/verdict)" unknown "the disk's is unknown"
like "$(host json probe.json devices/$nvme/bars/4/findings/locate/text)" "it has no controller memory buffer" "for it has no such buffer"
is "$(host json probe.json devices/$edu/bars/0/verdict)" unknown "the last one's, too"
like "$(host json probe.json devices/$edu/bars/0/reasons)" '(^|,)not-prefetchable(,|$)' "for it is not prefetchable"
is "$(commands)" "$before" "each device's COMMAND is as it was"

site "$accepted" '"scratch": [{"device": "1b36:0005", "bar": 2, "offset": "0x0", "size": "0x100000"}]'
exits 3 "what the site declares is probed" traced sh -c "pciwc --json probe $hole:2 > /share/probe.json"
is "$(opened)" "$hole resource2
$hole resource2_wc" "and its BAR opened"
is "$(host json probe.json devices/$hole/bars/2/verdict)" unsafe "it is unsafe"
is "$(host json probe.json devices/$hole/bars/2/findings/background/outcome)" fail "for what was stored did not come back"
like "$(host json probe.json devices/$hole/bars/2/findings/background/text)" '^after uncached stores .* are wrong' "which is said"
like "$(host json probe.json devices/$hole/bars/2/reasons)" '(^|,)test-failed(,|$)' "and is the reason"
