# shellcheck shell=sh
# Knows that after hundreds of probes, or a thousand, nothing is left of them: no file, mapping, claim or memory.
# SPDX-License-Identifier: GPL-2.0-or-later
free=0000:01:00.0 bound=0000:02:00.0

site "$(accepts virtual-platform entry:ivshmem-arm64-guest)" '"minimum": {"gain": 0}'
check "vfio-pci binds one of them" bind $bound vfio-pci

# probes N: each of both devices, by one process
probes() {
    probes_left=$(($1 / 2)) probes_failed=0
    while [ $probes_left -gt 0 ]; do
        pciwc --json probe $free:2 $bound:2 > /tmp/probe.json 2> /tmp/probe.err || { probes_failed=$((probes_failed + 1)); note "$(cat /tmp/probe.err)"; }
        probes_left=$((probes_left - 1))
    done
}

# what there is of a kind that a probe could leave, a line each
left() {
    state $free
    state $bound
    echo "processes $(processes)"
    echo "mapped by $(cat /proc/[0-9]*/maps 2> /dev/null | grep -c 'resource[0-9]' || true)"
    [ "$ARCH" != x86_64 ] || echo "types $(grep -c write-combining /sys/kernel/debug/x86/pat_memtype_list)"
    echo "locks $(wc -l < /proc/locks)"
    echo "files $(find /run/pciwc /var/lib/pciwc /etc/pciwc | sort | tr '\n' ' ')"
    echo "the kernel said $(dmesg | grep -cE 'WARNING|BUG|Oops|refcount' || true)"
}
# KiB that are free or can be, and those that the page allocator keeps for each CPU, in pages of 4 KiB
available() { awk '/^MemAvailable:/ { n += $2 } $1 == "count:" { n += 4 * $2 } END { print n }' /proc/meminfo /proc/zoneinfo; }
# without those that are free, which are given back many at a time, as their objects are
mappings() { grep -vc unpurged /proc/vmallocinfo; }
settled() { sync; echo 3 > /proc/sys/vm/drop_caches; sleep 2; }
# grown BEFORE AFTER OBJECTS: the kernel's objects of which there are so many more now
grown() { awk -v most="$3" '$1 == "vmap_area" { next } NR == FNR { was[$1] = $2; next } $2 - was[$1] > most { print $1, was[$1], $2 }' "$1" "$2"; }

# until the kernel's own stores are full
probes 80
is $probes_failed 0 "both are safe, forty times"
settled
left > /tmp/before
cat /proc/slabinfo > /tmp/slab.before
files=$(cut -f1 /proc/sys/fs/file-nr) mapped=$(mappings) available=$(available) findings=$(du -k /var/lib/pciwc | tail -n 1 | cut -f1)
probes "$PROBES"
settled
left > /tmp/after
cat /proc/slabinfo > /tmp/slab.after
is $probes_failed 0 "and $PROBES times more"
is "$(cat /tmp/after)" "$(cat /tmp/before)" "the devices, processes, mappings, memory types, locks and files are as they were, and the kernel did not complain"
# Of 500 one object or page for each probe would be more than these, and of a thousand one object for each run of pciwc, of which there are half as many;
# of fewer what the kernel keeps for itself hides a little.
check "no file is left open" test $(($(cut -f1 /proc/sys/fs/file-nr) - files)) -lt 64
check "no mapping of the kernel's is left" test $(($(mappings) - mapped)) -lt 64
check "no page is gone" test $((available - $(available))) -lt $((PROBES < 500 ? 4096 : PROBES * 3))
is "$(grown /tmp/slab.before /tmp/slab.after $((PROBES / 20 + 400)))" "" "nor the kernel's objects"
is "$(du -k /var/lib/pciwc | tail -n 1 | cut -f1)" "$findings" "what is on file does not grow"
note "files open: $files, then $(cut -f1 /proc/sys/fs/file-nr); the kernel's mappings: $mapped, then $(mappings); KiB available: $available, then $(available)"
note "grown by 50 and more: $(grown /tmp/slab.before /tmp/slab.after 50 | tr '\n' ';')"
