# shellcheck shell=sh disable=SC2154,SC2034 # the helpers set them, and read what it sets
# Knows what comes of a probe whose device stops decoding, sleeps, is reset, or reports errors: never a safe that is not so, and a device as before.
# SPDX-License-Identifier: GPL-2.0-or-later
# full: aarch64
memory=0000:01:00.0 disk=0000:02:00.0
pci=/sys/bus/pci/devices
far=$(pci_find 1af4:1110 | sed 1d) screen=$(pci_find 1af4:1050)
# an access that nobody answers is an abort there, and zeros here
case $ARCH in
aarch64) unanswered="unknown died" ;;
x86_64)  unanswered="unsafe fail" ;;
esac

# on ADDRESS BAR PATH: what the following is about; PATH: the verdict, of its BAR or, where only a part of that is known, of its path
on() {
    address=$1
    probed=$1:$2
    findings=devices/$1/bars/$2/findings
    verdict=devices/$1/$3
}

# meanwhile POINT STEP COMMAND...: a probe in which that happens then
meanwhile() {
    before=$(state "$address")
    begin pciwc --json probe "$probed"
    stop "$1" "$2" || not_ok "the probe does not get to the $1 of $2"
    shift 2
    check "meanwhile: $*" "$@"
    go_on
    ended
}

# between COMMAND...: a probe in which that happens between its background and the step behind it: at the 7th word in its journal
between() {
    before=$(state "$address")
    rm -f /tmp/between
    begin strace -qq -e trace='?renameat,?renameat2' -e inject='?renameat,?renameat2:signal=SIGSTOP:when=7' -o /tmp/between pciwc --json probe "$probed"
    await 60 grep -qs "stopped by SIGSTOP" /tmp/between || not_ok "the probe does not get between its steps"
    check "between two steps: $*" "$@"
    kill -CONT "$(pidof pciwc)"
    ended
}

# came_to WANT STEP WHAT: exit status, verdict, and what came of STEP and of the restore
came_to() { is "$code $(host json begun.json "$verdict" "$findings/$2/outcome" "$findings/restore/outcome")" "$1" "$3"; }
said() { like "$(host json begun.json "$findings/$1/text")" "$2" "$3"; }
warned() { like "$(cat /tmp/begun.err)" "$1" "$2"; }

usable() {
    before=$(state "$address")
    begin pciwc --json probe "$probed"
    ended
    is "$(host json begun.json "$verdict" "$findings/restore/outcome")" "safe pass" "$1: probed again it is safe"
    given_back "$1"
}

site "$(accepts virtual-platform entry:ivshmem-arm64-guest)" '"minimum": {"gain": 0}' \
    "\"scratch\": [{\"device\": \"$disk\", \"bar\": 4, \"offset\": \"0x0\", \"size\": \"0x10000\"}]"
unbind "$(pci_find 1af4:1041)"                  # the network card: its errors are wanted, not its driver's cure

# ---- it does not decode any more ----

on $memory 2 bars/2/verdict
decode_off() { setpci -s "$address" COMMAND=0:2; }

host fill
meanwhile start save decode_off
is "$code $(host json begun.json "$verdict")" "3 unknown" "off in save: nothing is proven"
like "$(cat /share/begun.json /tmp/begun.err)" "COMMAND is 0x...., and was 0x....: somebody reset or reconfigured it" "off in save: it says why"
check "off in save: the contents are there" host same
given_back "off in save"

meanwhile start sparse decode_off
came_to "3 $unanswered skipped" sparse "off in sparse: it is not safe"
warned "the contents of the probed range were NOT put back: .*COMMAND is" "off in sparse: it says what that means"
given_back "off in sparse"

host fill
meanwhile start restore decode_off
came_to "3 $unanswered ${unanswered#* }" restore "off in restore: it is not safe"
warned "the contents of the probed range were NOT put back" "off in restore: it says what that means"
given_back "off in restore"
host fill
usable "decoding again"
check "decoding again: the contents are there" host same

# ---- it is reset: here that loses nothing, and what is lost the tests see (t/corrupt) ----

meanwhile middle sparse sh -c "echo 1 > $pci/$memory/reset"
came_to "0 safe pass pass" restore "reset in sparse: it is safe, for nothing was lost"
check "reset in sparse: the contents are there" host same
given_back "reset in sparse"

# ---- errors, by its root port ----

port=0000:00:08.0
host error rp1 RCVR > /dev/null
check "an error is counted" await 20 grep -q "TOTAL_ERR_COR 1" $pci/$port/aer_dev_correctable
usable "an error before"
meanwhile start subword host error rp1 RCVR
came_to "3 unsafe fail pass" subword "a correctable error in subword: it is not safe"
said subword "$port: aer_dev_correctable went from 1 to 2; the child: no defect seen" "which is said beside what the step found"
given_back "a correctable error in subword"
between host error rp1 RCVR
came_to "3 unsafe fail pass" subword "one that comes between two steps: it is not safe"
said subword "$port: aer_dev_correctable went from 2 to 3" "for the next step finds it"
given_back "one that comes between two steps"
host error rp1 RCVR > /dev/null
check "one comes afterwards" await 20 grep -q "TOTAL_ERR_COR 4" $pci/$port/aer_dev_correctable
usable "one that came afterwards"

meanwhile start subword host error rp1 COMP_TIME
came_to "3 unsafe fail pass" subword "an uncorrectable error in subword: it is not safe"
said subword "$port: aer_dev_nonfatal went from 0 to 1" "for the port tells of it"
check "the contents are there" host same
begin pciwc --json probe "$probed"
ended
is "$code $(host json begun.json "$verdict")" "3 unknown" "while it stands, no other could be seen: nothing is proven"
like "$(host json begun.json "devices/$address/bars/2/reasons")" "errors-unobserved" "for that reason"
setpci -s $port ECAP_AER+4.l=ffffffff
usable "once it is cleared"

# ---- errors, by another device below the same root port, and by the ports between ----

on "$far" 2 bars/2/verdict
usable "behind a switch"
counted=$pci/$(pci_find 1af4:1041)/aer_dev_correctable
host error net RCVR > /dev/null
check "an endpoint's error is counted" await 20 grep -q "TOTAL_ERR_COR 1" "$counted"
usable "an endpoint's error before"
meanwhile start sparse host error net RCVR
came_to "3 unknown skipped pass" sparse "an endpoint's correctable error in sparse: it is not safe"
said sparse "0000:00:0a.0: aer_rootport_total_err_cor went from 1 to 2" "for the root port tells of it"
given_back "an endpoint's correctable error in sparse"
host error net RCVR > /dev/null
check "one comes afterwards" await 20 grep -q "TOTAL_ERR_COR 3" "$counted"
usable "an endpoint's error afterwards"
meanwhile start sparse host error net COMP_TIME
came_to "3 unsafe fail pass" sparse "an uncorrectable error of a neighbour: it is not safe"
said sparse "0000:00:0a.0: aer_rootport_total_err_nonfatal went from 0 to 1" "for the root port tells of it, and whose it is nobody can rely on"
given_back "an uncorrectable error of a neighbour"
meanwhile start sparse host error up COMP_TIME
came_to "3 unsafe fail pass" sparse "an uncorrectable error of a switch: it is not safe"
said sparse "0000:03:00.0: AER uncorrectable status: new 0x4000" "for the switch tells of it"
given_back "an uncorrectable error of a switch"
setpci -s 0000:03:00.0 ECAP_AER+4.l=ffffffff
usable "once that is cleared"

# ---- errors, by the probed device itself ----

if [ "$ARCH" = x86_64 ]; then
    on "$screen" 0 bars/0/verdict
    mkdir -p /etc/pciwc/quirks.d
    rm /usr/share/pciwc/quirks.d/40-device-virtio.json      # BARs of virtio's devices hold registers, but for this one
    cat > /etc/pciwc/quirks.d/50-screen.json <<- 'Q'
		{"schema": 1, "serial": 20261130, "entries": [{"name": "screen", "effect": "memory", "hazards": [], "scratch": [{"offset": 0, "size": 65536}],
		  "match": [{"device": "1af4:1050", "bar": [0]}], "why": "it is a screen's memory", "references": ["https://example.org/screen"],
		  "confidence": "confirmed", "since": "2026-11-30"}]}
	Q
    unbind "$screen"
    counted=$pci/$screen/aer_dev_correctable
    host error dev4 RCVR > /dev/null
    check "its own error is counted" await 20 grep -q "TOTAL_ERR_COR 1" "$counted"
    usable "its own error before"
    meanwhile start sparse host error dev4 RCVR
    came_to "3 unsafe fail pass" sparse "its own correctable error in sparse: it is not safe"
    said sparse "$screen: aer_dev_correctable went from 1 to 2" "for the device tells of it"
    given_back "its own correctable error in sparse"
    host error dev4 RCVR > /dev/null
    check "one comes afterwards" await 20 grep -q "TOTAL_ERR_COR 3" "$counted"
    usable "its own error afterwards"
    meanwhile start sparse host error dev4 COMP_TIME
    came_to "3 unsafe fail pass" sparse "its own uncorrectable error in sparse: it is not safe"
    said sparse "$screen: aer_dev_nonfatal went from 0 to 1" "for the device tells of it"
    given_back "its own uncorrectable error in sparse"
    setpci -s "$screen" ECAP_AER+4.l=ffffffff
    usable "once its own is cleared"
fi

# ---- it sleeps ----

on $disk 4 path/verdict
unbind $disk
echo on > $pci/$disk/power/control
setpci -s $disk COMMAND=2:2
/guest/poke $pci/$disk/resource0 0xe04 1        # PMRCTL.EN
asleep() { setpci -s "$address" CAP_PM+4.w=3:3; }
awake() { setpci -s "$address" CAP_PM+4.w=0:3; }

asleep
before=$(state $disk)
exits 3 "asleep: it is not probed" traced sh -c "pciwc --json probe $probed > /share/probe.json"
like "$(host json probe.json devices/$disk/bars/4/reasons/busy/text)" "it is in power state D3" "asleep: and says why"
is "$(opened)" "" "asleep: no BAR is opened"
given_back "asleep"
awake
usable "awake"
meanwhile start sparse asleep
is "$(host json begun.json "$verdict" "$findings/restore/outcome")" "${unanswered% *} skipped" "falling asleep in sparse: it is not safe"
warned "it is in power state D3" "falling asleep in sparse: it says why"
given_back "falling asleep in sparse"
awake
meanwhile middle sparse sh -c "echo 1 > $pci/$disk/reset"
is "$(host json begun.json "$verdict" "$findings/restore/outcome")" "safe pass" "a function-level reset in sparse: it is safe, for nothing was lost"
given_back "a function-level reset in sparse"
