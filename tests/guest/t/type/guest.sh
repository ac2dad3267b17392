# shellcheck shell=sh
# Knows that a mapping is taken for write-combining only when the CPU (arm64) or the kernel's own list (x86) says that it is one.
# SPDX-License-Identifier: GPL-2.0-or-later
address=0000:01:00.0
device=/sys/bus/pci/devices/$address
bar=devices/$address/bars/2
type=$bar/findings/type

probe() { sh -c "pciwc --json probe $address:2 > /share/probe.json"; }
said() { host json probe.json $type/text; }
# What the kernel's list has for the range that is probed, 4 MiB behind a guard page.
line() {
    base=$(sed -n '3s/ .*//p' $device/resource)
    printf 'PAT: [mem 0x%016x-0x%016x] %s' $((base + 0x1000)) $((base + 0x401000)) "$1"
}
contains() { case $1 in *"$2"*) ok "$3" ;; *) not_ok "$3"; note "$1"; note "does not contain: $2" ;; esac; }

site "$(accepts virtual-platform entry:ivshmem-arm64-guest)"

check "resource2_wc is what it says" probe
is "$(host json probe.json $type/outcome $bar/verdict)" "pass safe" "its type passes, and it is safe"
case $ARCH in
aarch64) contains "$(said)" "an unaligned store went through" "by a store that only such a mapping takes" ;;
x86_64)  contains "$(said)" "$(line write-combining)" "by a line of the kernel's list" ;;
esac

# The same file under both names: a kernel or hypervisor that gives another type than was asked for looks so.
check "resource2 takes its place" mount --bind $device/resource2 $device/resource2_wc
exits 3 "then it is not safe" probe
is "$(host json probe.json $type/outcome $bar/verdict $bar/findings/restore/outcome)" "fail unsafe pass" "its type fails, it is unsafe, and put back"
case $ARCH in
aarch64) contains "$(said)" "attribute-override: it is Device memory" "an unaligned store gives it away" ;;
x86_64)  contains "$(said)" "attribute-override: the kernel's list says \"$(line uncached-minus)\"" "the kernel's list gives it away" ;;
esac
is "$(host json probe.json $bar/findings)" save,type,restore "no further step was taken"
umount $device/resource2_wc

if [ "$ARCH" = x86_64 ]; then
    umount -l /sys/kernel/debug
    exits 3 "without the list it is not safe" probe
    is "$(host json probe.json $type/outcome $bar/verdict)" "unsupported unknown" "its type is unknown, and so is the verdict"
    like "$(host json probe.json $bar/reasons)" '(^|,)type-unconfirmed(,|$)' "for that reason"
    like "$(pciwc explain $address:2)" '\$ sudo mount -t debugfs debugfs /sys/kernel/debug' "and what to do is said"
    mount -t debugfs debugfs /sys/kernel/debug
    check "once that is done, it is safe" probe
fi
