# shellcheck shell=sh disable=SC2034 # tests use what they set
# Knows how to act on devices, and as other users, in the guest; for tests and demos.
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   await SECONDS COMMAND...    until the command succeeds
#   as USER COMMAND...          with the user's real ids and supplementary groups
#   pci_find VENDOR:DEVICE      addresses of the devices with these ids, e.g. pci_find 1af4:1110
#   bind ADDRESS DRIVER         unbinds what is there, and binds
#   unbind ADDRESS
#   site MEMBER...              the site file, with these members of its JSON object
#   accepts WHAT...             prints such a member, e.g. site "$(accepts virtual-platform)"
#   traced COMMAND...           runs it and notes what it and its children open, for:
#   opened                      the BARs' files among them, e.g. "0000:01:00.0 resource2_wc", a line each
#   type_of ADDRESS WORD...     the memory type of what /guest/vfio maps by these words, as the CPU has it: $wc, $uc, or another
#   power_off ADDRESS           its slot: the device goes at once, while a button pressed on the outside is answered 5 seconds later (pciehp)
#   state ADDRESS               what a claim of the device changes and must put back, in a line
#   processes                   the command lines of pciwc and its children
#   given_back WHAT             checks that after a probe all is as $before says of $address, and nothing is left of it
#   begin COMMAND...            in the background, on CPU 0 or on those that $cpus names; its process is $begun, what it says goes to /share/begun.json and /tmp/begun.err
#   stop start|middle|end STEP  waits until that is a probe at this point of STEP, and stops the child, or at the end the probe
#   go_on                       continues what was stopped: $stopped
#   ended                       waits for its end; its exit status is $code

await() {
    await_until=$(($(date +%s) + $1))
    shift
    until "$@"; do
        [ "$(date +%s)" -le "$await_until" ] || return 1
        usleep 50000
    done
}

as() {
    as_user=$1
    shift
    setpriv --reuid="$as_user" --regid="$as_user" --init-groups -- "$@"
}

pci_find() {
    for pci_device in /sys/bus/pci/devices/*; do
        [ "$(cat "$pci_device/vendor"):$(cat "$pci_device/device")" != "0x${1%:*}:0x${1#*:}" ] || echo "${pci_device##*/}"
    done
}

unbind() { [ ! -e "/sys/bus/pci/devices/$1/driver" ] || echo "$1" > "/sys/bus/pci/devices/$1/driver/unbind"; }

bind() {
    unbind "$1"
    [ "$2" != vfio-pci ] || modprobe -a vfio_iommu_type1 vfio-pci
    echo "$2" > "/sys/bus/pci/devices/$1/driver_override"
    echo "$1" > /sys/bus/pci/drivers_probe
    udevadm settle
    [ -e "/sys/bus/pci/devices/$1/driver" ]
}

site() {
    mkdir -p /etc/pciwc
    {   printf '{"schema": 1'
        [ $# = 0 ] || printf ',\n %s' "$@"
        printf '}\n'
    } > /etc/pciwc/site.json
}

accepts() {
    accepts_rows=
    for accepts_what; do accepts_rows="$accepts_rows, {\"what\": \"$accepts_what\", \"reason\": \"a guest of the tests\"}"; done
    printf '"accept": [%s]\n' "${accepts_rows#, }"
}

traced() { strace -f --seccomp-bpf -y -qq -e trace=?open,openat,openat2 -o /tmp/trace "$@"; }
opened() { sed -nE 's,.*[/<](0000:[0-9a-f:.]+)(/|>\, ")(resource[0-9](_wc)?)[>"].*,\1 \3,p' /tmp/trace | sort -u; }

case $ARCH in
x86_64)  wc=write-combining uc=uncached-minus ;;
aarch64) wc=normal-nc uc=device-nGnRnE ;;
esac
# read from outside, while the mapping's process has CPU 1 to itself
type_of() {
    rm -f /tmp/address
    taskset -c 1 /guest/vfio "$@" spin:/tmp/address > /tmp/said 2>&1 &
    type_pid=$!
    if await 20 test -s /tmp/address; then host type "$(cat /tmp/address)" || true; else cat /tmp/said; fi
    kill $type_pid 2> /dev/null || true
    wait $type_pid 2> /dev/null || true
}

power_off() {
    for power_slot in /sys/bus/pci/slots/*; do
        [ "$(cat "$power_slot/address")" != "${1%.*}" ] || echo 0 > "$power_slot/power"
    done
}

state() {
    state_of=/sys/bus/pci/devices/$1
    echo "driver=$(basename "$(readlink "$state_of/driver" || echo none)")" "override=$(cat "$state_of/driver_override")" \
        "power=$(cat "$state_of/power/control") enable=$(cat "$state_of/enable") COMMAND=$(setpci -s "$1" COMMAND)"
}

processes() { cat /proc/[0-9]*/cmdline 2> /dev/null | tr '\0' ' ' | grep -oE '[p]ciwc( --json)? (--child|probe).*' || true; }

given_back() {
    is "$(state "$address")" "$before" "$1: the device is as it was"
    is "$(processes)" "" "$1: nothing is left running"
    is "$(pciwc journal)" "the journal is empty: no probe was interrupted" "$1: nor in the journal"
}

begin() {
    taskset -c "${cpus:-0}" "$@" > /share/begun.json 2> /tmp/begun.err &
    begun=$!
}
stop() { stopped=$(/guest/catch "$begun" "$2" "$1"); }
go_on() { kill -CONT "$stopped" 2> /dev/null || true; }             # it may be dead
ended() {
    code=0
    wait "$begun" || code=$?
}
