# shellcheck shell=sh disable=SC2154,SC2034 # the helpers set them
# Knows that each capability which pciwc keeps of root's is needed, and what comes of a probe, or a grant, without it. But for sys_rawio: it opens a
# VFIO group without an IOMMU, of which Debian's kernels know nothing. And dac_read_search is for a unit, which has no dac_override.
# SPDX-License-Identifier: GPL-2.0-or-later
# full: x86_64 aarch64
address=0000:01:00.0
device=/sys/bus/pci/devices/$address
bar=devices/$address/bars/2
wc_file=$device/resource2_wc

site "$(accepts virtual-platform entry:ivshmem-arm64-guest)" '"minimum": {"gain": 0}' \
    "\"grant\": [{\"device\": \"$address\", \"bar\": 2, \"group\": \"pciwc\", \"backend\": \"grant\"}]"
host fill

# without CAPABILITY COMMAND...: as a root who does not have it
without() {
    without_what=$1
    shift
    setpriv "--bounding-set=-$without_what" "$@"
}
# nothing is known before it
probe() {
    rm -f /var/lib/pciwc/findings/*
    before=$(state $address)
    begin setpriv "--bounding-set=-$1" pciwc --json probe $address:2
    ended
}
unharmed() {
    given_back "$1"
    check "$1: the contents are there" host same
}

# ---- no child could be jailed, or be ended ----

for right in setpcap setuid setgid kill; do
    probe $right
    is "$code $(host json begun.json error/id)" "1 no-jail" "without $right nothing is begun"
    like "$(cat /tmp/begun.err)" "capability $right is missing" "and it says why"
    check "nothing is on file" test -z "$(ls /var/lib/pciwc/findings 2> /dev/null)"
    unharmed "without $right"
done

# ---- who else has the BAR could not be seen ----

for row in "sys_admin /proc/iomem does not show the BAR" "sys_ptrace what process [0-9]+ maps cannot be read"; do
    right=${row%% *}
    probe "$right"
    is "$code $(host json begun.json $bar/verdict)" "3 unknown" "without $right it is not probed"
    like "$(cat /share/begun.json)" "cannot-claim.*${row#* }" "and it says why"
    unharmed "without $right"
done

# ---- a VFIO group that was given to somebody ----

check "vfio-pci binds" bind $address vfio-pci
group=/dev/vfio/$(basename "$(readlink $device/iommu_group)")
chown alice "$group"
probe dac_override
is "$code $(host json begun.json $bar/verdict)" "3 unknown" "without dac_override it is not probed"
like "$(cat /share/begun.json)" "cannot-claim.*$group: Permission denied" "and it says why"
unharmed "without dac_override"
unbind $address
echo > $device/driver_override

# ---- a grant, and taking back what somebody else has given on ----

exits 0 "with all of them it is safe" pciwc probe $address:2
mine="600 root root"
is "$(stat -c '%a %U %G' $wc_file)" "$mine" "nothing is granted yet"
# udev, which has all of them, would give what the approval says
udevadm control --stop-exec-queue
exits 1 "without chown nothing is" without chown pciwc policy apply
like "$output" "resource2_wc: Operation not permitted" "and it says why"
is "$(stat -c '%a %U %G' $wc_file)" "$mine" "the file is as it was"
udevadm control --start-exec-queue
udevadm settle
check "with it, it is" pciwc policy apply
is "$(stat -c '%a %U %G' $wc_file)" "660 root pciwc" "to the group"
chown alice $wc_file
exits 1 "without fowner it is not taken back" without fowner pciwc policy revert
like "$output" "resource2_wc: Operation not permitted" "and it says why"
check "with it, it is" pciwc policy revert
is "$(stat -c '%a %U %G' $wc_file)" "$mine" "the file is as it was"
