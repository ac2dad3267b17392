# shellcheck shell=sh
# Knows the whole way to write-combining through VFIO: a site asks, a BAR is probed and judged, the module's driver is bound and told, an
# unprivileged user maps, and all of it is taken back.
# full: x86_64
# SPDX-License-Identifier: GPL-2.0-or-later
a=0000:01:00.0 b=0000:02:00.0
pci=/sys/bus/pci/devices
bar=devices/$a/bars/2
driver=pciwc-vfio-pci
held=entry:ivshmem-arm64-guest
gain='"minimum": {"gain": 0}'

json() { sh -c "pciwc --json $* > /share/said.json"; }
said() { host json said.json "$@"; }
driver_of() { basename "$(readlink "$pci/$1/driver")"; }
# what a VFIO user without any privilege gets; a device that changes drivers has a new group's node
consumer() {
    for consumer_of in $a $b; do chown alice "/dev/vfio/$(basename "$(readlink $pci/$consumer_of/iommu_group)")"; done
    as alice /guest/vfio-wc "$1" 2
}

depmod -a
check "vfio-pci has both devices" bind $a vfio-pci
check "as their owner wants it" bind $b vfio-pci
before="$(state $a)"
site "$(accepts virtual-platform $held)" "$gain"
check "a BAR is probed" json probe $a:2
is "$(said $bar/verdict $bar/surfaces/vfio)" "safe uncached" "it is safe, and VFIO maps it uncached"
like "$(pciwc explain $a:2)" 'backend "variant"' "what would change that is said"

# ---- asked for, and not yet possible ----

site "$(accepts virtual-platform $held)" "$gain" "\"grant\": [{\"device\": \"$a\", \"bar\": 2, \"backend\": \"variant\"}]"
json explain $a
is "$(said $bar/grantable $bar/next/0/command)" "false sudo modprobe $driver" "without the module it cannot be granted, and what to do is said"
like "$(said $bar/reasons)" '(^|,)no-backend(,|$)' "for that reason"
exits 3 "apply says that not all was granted" pciwc policy apply
is "$(state $a)" "$before" "and leaves the device as it is"

# ---- granted ----

check "the module is loaded" modprobe $driver
json platform
is "$(said kernel/variant)" loaded "pciwc sees it"
shown=$(pciwc policy show)
like "$shown" "^$pci/$a/driver_override: $driver, and bound to it\$" "what would be bound is shown"
like "$shown" '^2 0x0 0x1000000 always$' "and what it would be told"
check "the policy is applied" json policy apply
is "$(said changed)" 4 "by an approval, a driver, its list and a publication"
is "$(driver_of $a) $(cat $pci/$a/driver_override)" "$driver $driver" "the driver is bound"
is "$(cat $pci/$a/wc_ranges)" "2 0x0 0x1000000 always" "and told"
is "$(driver_of $b)" vfio-pci "the other device has its own"
is "$(pciwc policy show)" "$shown" "what was shown is still what is shown"
json policy apply
is "$(said changed)" 0 "a second time nothing changes"
json list
is "$(said $bar/granted devices/$b/bars/2/granted)" "true false" "it is granted, and the other is not"
json explain $a
is "$(said $bar/surfaces/vfio)" wc "VFIO maps it write-combining"
exits 0 "all is as the policy says" pciwc policy verify

# ---- used ----

json query $a:2
is "$(said ranges/0/granted ranges/0/backend ranges/0/how)" "true variant vfio" "a program can ask how it may map"
is "$(consumer $a)" "$a BAR 2: 16777216 bytes at 0x0: write-combining, by variant" "an unprivileged VFIO user has it write-combining"
is "$(consumer $b)" "$b BAR 2: 16777216 bytes at 0x0: uncached" "and the neighbour uncached"
is "$(type_of $a map:2:0:0x1000)" $wc "so it is"
is "$(type_of $b map:2:0:0x1000)" $uc "and so is that"
is "$(host json said.json ranges/0/verdict)" safe "judged once"
check "below the module's driver it can be probed again" pciwc probe $a:2

# ---- in use ----

/guest/vfio $a map:2:0:0x1000 hold:/tmp/held > /tmp/said 2>&1 &
holder=$!
await 20 test -s /tmp/held
check "while somebody has it open, what is so stays so" pciwc policy apply
exits 1 "but it is not taken back under him" pciwc policy revert
like "$output" "somebody has it open" "which is said"
is "$(driver_of $a)" $driver "nothing is half done"
kill $holder
wait $holder || true

# ---- drift ----

echo > $pci/$a/wc_ranges
exits 5 "somebody emptied the list: that is drift" pciwc policy verify
like "$output" "$pci/$a/wc_ranges" "which names it"
check "apply mends it" pciwc policy apply
exits 0 "and all is well" pciwc policy verify

# ---- parts, and on request ----

part="\"grant\": [{\"device\": \"$a\", \"bar\": 2, \"backend\": \"variant\", \"offset\": \"0x200000\", \"size\": \"0x100000\", \"when\": \"request\"}]"
site "$(accepts virtual-platform $held)" "$gain" "$part"
if [ "$ARCH" = aarch64 ]; then
    check "a part of the BAR is asked for, on request" pciwc policy apply
    is "$(cat $pci/$a/wc_ranges)" "2 0x200000 0x100000 request" "the driver is told"
    is "$(consumer $a)" "$a BAR 2: 1048576 bytes at 0x200000: write-combining, by variant" "a user who asks gets it"
    is "$(type_of $a map:2:0x200000:0x1000)" $uc "one who does not is served as ever"
    json query $a:2
    is "$(said ranges/0/granted ranges/1/granted ranges/1/how ranges/2/granted)" "false true vfio-on-request false" "what is published says so"
else
    like "$(pciwc policy show)" "^$pci/$a/driver_override: set once .* it gets again: vfio-pci" "x86 gives no parts: what is taken back is shown"
    exits 3 "x86 gives no parts" pciwc policy apply
    like "$output" "one memory type" "and says why"
    is "$(driver_of $a)" vfio-pci "what was granted before is taken back"
    site "$(accepts virtual-platform $held)" "$gain" "\"grant\": [{\"device\": \"$a\", \"bar\": 2, \"backend\": \"variant\"}]"
    check "the whole is granted again" pciwc policy apply
fi

# ---- taken back ----

check "the policy is reverted" pciwc policy revert
is "$(state $a)" "$before" "the device has its driver and its override again"
is "$(find /var/lib/pciwc/approvals /run/pciwc -type f ! -name '*lock')" "" "what was written is gone"
is "$(consumer $a)" "$a BAR 2: 16777216 bytes at 0x0: uncached" "and its user has it uncached"
is "$(type_of $a map:2:0:0x1000)" $uc "as he had"
is "$(dmesg | grep -E 'BUG|WARNING|Oops' || true)" "" "the kernel has nothing to complain about"
