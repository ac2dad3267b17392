# shellcheck shell=sh
# Knows how to act on devices, and as other users, in the guest; for tests and demos.
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   await SECONDS COMMAND...    until the command succeeds
#   as USER COMMAND...          with the user's real ids and supplementary groups
#   pci_find VENDOR:DEVICE      addresses of the devices with these ids, e.g. pci_find 1af4:1110
#   bind ADDRESS DRIVER         unbinds what is there, and binds
#   unbind ADDRESS

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
