# shellcheck shell=sh
# Knows that the module gives write-combining where root allows it, nowhere else, and is vfio-pci in everything else.
# SPDX-License-Identifier: GPL-2.0-or-later
a=0000:01:00.0 nvme=0000:02:00.0 e1000e=0000:03:00.0 pulled=0000:04:00.0 igb=0000:05:00.0
pci=/sys/bus/pci/devices
driver=pciwc-vfio-pci
size=$((16 << 20))
depmod -a
check "the module loads" modprobe $driver
modprobe vfio_iommu_type1
modprobe vfio-pci
like "$(dmesg | grep -i taint || true)" 'out-of-tree|verification failed' "and taints the kernel, as any module that Debian has not built"

ranges() { printf '%b' "$2" > "$pci/$1/wc_ranges"; }
# errno_of ADDRESS TEXT [ATTRIBUTE]: what a write of it fails with
errno_of() {
    printf '%b' "$2" | strace -qq -e trace=write -e signal=none -o /tmp/strace dd of="$pci/$1/${3:-wc_ranges}" bs=4096 2> /dev/null || true
    sed -n 's/^write(1, .* = -1 \([A-Z0-9]*\) .*/\1/p' /tmp/strace
}
base=$(printf '%x' "$(sed -n '3s/ .*//p' $pci/$a/resource)")
memtypes() { grep -sc "mem 0x0*$base-" /sys/kernel/debug/x86/pat_memtype_list || true; }

# ---- stock vfio-pci ----

check "vfio-pci binds" bind $a vfio-pci
is "$(type_of $a map:2:0:0x1000)" $uc "below vfio-pci a mapping is uncached"
like "$(/guest/vfio $a ranges)" '^ranges: ENOTTY$' "and nobody there knows the feature"
# what both drivers must answer alike, a word that fails included
plain() { /guest/vfio $a map:2:0:0x1000 store load reset load flags feature:0 || true; }
stock=$(plain)

# ---- nothing allowed ----

check "the module binds, by its name" bind $a $driver
is "$(basename "$(readlink $pci/$a/driver)")" $driver "it is the driver"
is "$(cat $pci/$a/wc_ranges)" "" "nothing is allowed"
is "$(stat -c '%a %U' $pci/$a/wc_ranges)" "644 root" "only root may change that"
is "$(type_of $a map:2:0:0x1000)" $uc "a mapping is uncached"
is "$(plain)" "$stock" "contents, reset, flags of the mapping and features are vfio-pci's"
is "$(/guest/vfio $a ranges ask)" "$(printf 'not asked\nask: ENOENT')" "the feature says so, and there is nothing to ask for"

# ---- a range is allowed ----

check "the whole BAR is allowed" ranges $a "2 0 0x1000000 always\n"
is "$(cat $pci/$a/wc_ranges)" "2 0x0 0x1000000 always" "and shown"
is "$(type_of $a map:2:0x3000:0x1000 load reset)" $wc "a mapping is write-combining, also after a reset"
is "$(type_of $a map:2:0xfff000:0x1000)" $wc "so is the last page"
# since 6.12 by pages of 2 MiB
large=', large'
[ "$KERNEL" != 6.1 ] || large=
is "$(type_of $a map:2:0:$size)" "$wc$large" "and the whole"
is "$(/guest/vfio $a ranges)" "not asked, 2 0x0 0x1000000 active" "the feature says so"
is "$(/guest/vfio $a map:2:0:0x1000 store load)" 0x600d "contents arrive"
is "$(/guest/vfio $a short:0 short:1 badset)" "$(printf 'short:0: EINVAL\n1 ranges, room for none\nbadset: EINVAL')" "the feature minds its sizes and its flags"
[ "$ARCH" != x86_64 ] || is "$(memtypes)" 0 "once it is closed, nothing stays reserved"
if [ "$ARCH" = aarch64 ]; then
    is "$(/guest/vfio $a map:2:0:0x1000 unaligned)" works "an unaligned store works"
    check "nothing is allowed again" ranges $a "\n"
    is "$(/guest/vfio $a map:2:0:0x1000 unaligned)" faults "an unaligned store faults"

    # ---- parts of a BAR, and asking ----
    check "two parts are allowed, one on request" ranges $a "2 0x100000 0x100000 always\n2 0x200000 0x100000 request\n"
    is "$(type_of $a map:2:0x100000:0x100000)" $wc "the one that is always allowed is write-combining"
    is "$(type_of $a map:2:0x1ff000:0x2000)" $uc "a mapping that straddles both is uncached"
    is "$(type_of $a map:2:0xff000:0x2000)" $uc "so is one that begins before it"
    is "$(type_of $a map:2:0x1000:0x1000)" $uc "and one outside"
    is "$(type_of $a map:2:0x200000:0x1000)" $uc "the other is uncached"
    is "$(type_of $a ask map:2:0x200000:0x1000)" $wc "unless its user asks for it"
    is "$(type_of $a ask unask map:2:0x200000:0x1000)" $uc "and thinks better of it"
    is "$(/guest/vfio $a ask ranges)" "asked, 2 0x100000 0x100000 active, 2 0x200000 0x100000 request active" "the feature says so"
    is "$(/guest/vfio $a ask close open ranges)" "not asked, 2 0x100000 0x100000 active, 2 0x200000 0x100000 request" "closed and opened, nobody has asked"

    # ---- what guests may do (since 6.9) ----
    if [ -e $pci/$a/guest_wc_ranges_only ]; then
        # the flag has no letters of its own: smaps shows ??
        any='^VmFlags:.* \?\?( |$)'
        is "$(cat $pci/$a/guest_wc_ranges_only)" 0 "guests may choose Normal-NC everywhere, as vfio-pci has it"
        like "$(/guest/vfio $a map:2:0:0x1000 flags)" "$any" "as the mapping's flags say"
        echo 1 > $pci/$a/guest_wc_ranges_only
        unlike "$(/guest/vfio $a map:2:0:0x1000 flags)" "$any" "not outside of the ranges, when root says so"
        like "$(/guest/vfio $a map:2:0x100000:0x1000 flags)" "$any" "but inside"
        is "$(errno_of $a 2 guest_wc_ranges_only)" EINVAL "it is yes or no"
        echo 0 > $pci/$a/guest_wc_ranges_only
    else
        is "$KERNEL" 6.1 "only a kernel before 6.9 has no such choice"
    fi
    ranges $a "2 0 0x1000000 always\n"
else
    # ---- somebody else had it mapped first ----
    poke() {
        /guest/poke $pci/$a/resource2 0 hold > /tmp/poked &
        poker=$!
        await 10 grep -q held /tmp/poked
    }
    poke
    is "$(type_of $a map:2:0:0x1000)" $uc "whoever had it uncached first has the say"
    # his mapping is gone: with strict devmem VFIO's first one takes it away
    kill $poker
    wait $poker || true
    poke
    /guest/vfio $a map:2:0:0x1000 hold:/tmp/held.first > /tmp/said 2>&1 &
    holder=$!
    await 20 test -s /tmp/held.first
    is "$(cat $pci/$a/wc_ranges)" "2 0x0 0x1000000 always unavailable" "which the list shows"
    kill $holder $poker
    wait $holder || true
    wait $poker || true
    is "$(cat $pci/$a/wc_ranges)" "2 0x0 0x1000000 always" "until it is closed"
    is "$(memtypes)" 0 "and nothing stays reserved"
    is "$(type_of $a map:2:0:0x1000)" $wc "once he has gone it is write-combining again"

    is "$(errno_of $a '2 0 0x1000 always\n')" EINVAL "on x86 a part of a BAR is refused"
    is "$(errno_of $a '2 0 0x1000000 request\n')" EOPNOTSUPP "and so is a request, for the type is chosen before"
fi

# ---- what is refused ----

while read -r errno text; do
    is "$(errno_of $a "$text")" "$errno" "$errno: $text"
done << 'REFUSED'
EINVAL 2 0 0x1000000
EINVAL 2 0 0x1000000 never\n
EINVAL 2 0 0x1000000 always always\n
EINVAL 2 0 0x1000000 always registers more\n
EINVAL 2 0 0x1000000  always\n
EINVAL -2 0 0x1000000 always\n
EINVAL 02 0 0x1000000 always\n
EINVAL 2 0 0 always\n
EINVAL 2 0x800 0xfff800 always\n
EINVAL \n2 0 0x1000000 always\n
ERANGE 2 0 0x2000000 always\n
ERANGE 2 0x1000000 0x1000 always\n
ERANGE 2 0 0x10000000000000000 always\n
ERANGE 2 0xfffffffffffff000 0x2000 always\n
ENXIO 3 0 0x1000 always\n
ENXIO 6 0 0x1000 always\n
ENXIO 5 0 0x1000 always\n
EEXIST 2 0 0x1000000 always\n2 0 0x1000000 always\n
REFUSED
is "$(cat $pci/$a/wc_ranges)" "2 0x0 0x1000000 always" "none of them changed anything"
like "$(as bob sh -c "echo > $pci/$a/wc_ranges" 2>&1 || true)" 'Permission denied' "only root may write"
check "nvme leaves its device" bind $nvme $driver
is "$(errno_of $nvme "0 0 $(($(sed -n '1s/^\(.*\) \(.*\) .*/\2 - \1 + 1/p' $pci/$nvme/resource))) always registers")" EPERM "EPERM: the MSI-X table is in it"
check "e1000e leaves its device" bind $e1000e $driver
registers=$(($(sed -n '1s/^\(.*\) \(.*\) .*/\2 - \1 + 1/p' $pci/$e1000e/resource)))
is "$(errno_of $e1000e "0 0 $registers always")" EACCES "EACCES: it is not prefetchable"
check "unless that is said" ranges $e1000e "0 0 $registers always registers"
if [ "$ARCH" = aarch64 ]; then
    list=$(awk 'BEGIN { for (i = 0; i < 17; i++) printf "2 0x%x 0x1000 always\\n", i * 4096 }')
    is "$(errno_of $a "$list")" E2BIG "E2BIG: seventeen"
fi

# ---- virtual functions ----

check "igb leaves its device" bind $igb $driver
refuse "no virtual function is made unless the module may" sh -c "echo 1 > $pci/$igb/sriov_numvfs"
echo 1 > /sys/module/pciwc_vfio_pci/parameters/enable_sriov
check "then one is" sh -c "echo 1 > $pci/$igb/sriov_numvfs"
is "$(cat $pci/$igb/virtfn0/driver_override)" $driver "and is VFIO's, as its device is"
echo 0 > $pci/$igb/sriov_numvfs

# ---- while it is open ----

/guest/vfio $a map:2:0:0x1000 hold:/tmp/held > /tmp/said 2>&1 &
holder=$!
check "a user has it mapped" await 20 test -s /tmp/held
is "$(errno_of $a '\n')" EBUSY "EBUSY: the list does not change under a user"
[ ! -e $pci/$a/guest_wc_ranges_only ] || is "$(errno_of $a 1 guest_wc_ranges_only)" EBUSY "nor does what guests may do"
if [ "$ARCH" = x86_64 ]; then
    like "$(cat /sys/kernel/debug/x86/pat_memtype_list)" "mem 0x0*$base-.* write-combining" "the kernel's list has it"
fi

# ---- it goes away, as vfio-pci does ----

kill $holder
wait $holder || true
# what happens while a user has a mapping: does it end by itself, and does it when the user has gone
leave() {
    /guest/vfio $a map:2:0:0x1000 hold:/tmp/held."$1" > /tmp/said 2>&1 &
    holder=$!
    await 20 test -s /tmp/held."$1" || cat /tmp/said
    echo $a > $pci/$a/driver/unbind &
    unbinder=$!
    sleep 2
    if kill -0 $unbinder 2> /dev/null; then echo "waits"; else echo "is done"; fi
    if kill -0 $holder 2> /dev/null; then echo "the user is alive"; fi
    kill $holder
    wait $holder || true
    wait $unbinder && echo "then is done"
    [ -e $pci/$a/driver ] || echo "no driver"
}
bind $a vfio-pci
stock=$(leave stock)
check "the module is back" bind $a $driver
ranges $a "2 0 0x1000000 always\n"
is "$stock" "$(printf 'waits\nthe user is alive\nthen is done\nno driver')" "vfio-pci is unbound under a user only once he has gone"
is "$(leave module)" "$stock" "and so is the module"
[ "$ARCH" != x86_64 ] || is "$(memtypes)" 0 "and nothing stays reserved"

# ---- again and again ----

bind $a $driver
ranges $a "2 0 0x1000000 always\n"
begin=$(cut -d" " -f1 /proc/uptime)
/guest/vfio $a rounds:50
note "fifty rounds take $(awk -v begin="$begin" "{ print \$1 - begin }" /proc/uptime) s, from second $begin on"
usage() {
    echo 3 > /proc/sys/vm/drop_caches
    sleep 1
    awk '/^(SUnreclaim|KernelStack|PageTables|VmallocUsed|Percpu)/ { n += $2 } END { print n }' /proc/meminfo
}
before=$(usage)
check "a thousand times opened, mapped, unmapped and closed" /guest/vfio $a rounds:1000
after=$(usage)
note "the kernel's memory: $before KiB before, $after KiB after"
# an object of 256 bytes that is lost in each round would be 250 KiB
check "leaks no memory" test $((after - before)) -lt 250
[ "$ARCH" != x86_64 ] || is "$(memtypes)" 0 "nor a memory type"

# ---- unplugged under a user ----

plugged() { [ -e $pci/$pulled ]; }
base=$(printf '%x' "$(sed -n '3s/ .*//p' $pci/$pulled/resource)")
bind $pulled $driver
ranges $pulled "2 0 0x1000000 always\n"
/guest/vfio $pulled map:2:0:0x1000 hold:/tmp/held.last > /tmp/said 2>&1 &
holder=$!
await 20 test -s /tmp/held.last
# on aarch64 the emulated slot loses its interrupts when it is reset, as an open does: there the kernel removes the device
case $ARCH in
x86_64)  check "the device is pulled out" host unplug_begin 4 ;;
aarch64) echo 1 > $pci/$pulled/remove & ;;
esac
check "its user is asked to let go" await 30 sh -c "dmesg | grep -q '$pulled: .*blocked until released by user'"
check "it stays as long as he does not" plugged
kill $holder
wait $holder || true
check "and then is gone" await 60 sh -c "! test -e $pci/$pulled"
[ "$ARCH" != x86_64 ] || is "$(memtypes)" 0 "and its memory types with it"
check "the other devices leave the module" sh -c "for d in $a $nvme $e1000e $igb; do echo \$d > /sys/bus/pci/drivers/$driver/unbind; done"
check "which can be unloaded" modprobe -r $driver
is "$(dmesg | grep -E 'BUG|WARNING|Oops|refcount|leak' || true)" "" "the kernel has nothing to complain about"
