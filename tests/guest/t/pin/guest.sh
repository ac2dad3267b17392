# shellcheck shell=sh
# Knows that a VFIO program which has never heard of pciwc gets write-combining while a BAR is pinned, and uncached without; what the pin
# has left of its privileges; and how drift is told.
# SPDX-License-Identifier: GPL-2.0-or-later
a=0000:01:00.0 b=0000:02:00.0
pci=/sys/bus/pci/devices
bar=devices/$a/bars/2
lock=/run/pciwc/pin-$a.lock

json() { sh -c "pciwc --json $* > /share/said.json"; }
said() { host json said.json "$@"; }
base() { sed -n '3s/ .*//p' "$pci/$1/resource"; }
# the type of the BAR's first line in the kernel's list
listed() { sed -nE "s/.*mem 0x0*$(base "$1" | sed 's/^0x0*//')-.*\] //p" /sys/kernel/debug/x86/pat_memtype_list | sort -u; }
gone() { [ ! -d "/proc/$1" ]; }
status() { sed -nE "s/^$1:[[:space:]]*//p" "/proc/$pinned/status" | tr '\t' ' '; }

bind $a vfio-pci
bind $b vfio-pci
site "$(accepts virtual-platform)" '"minimum": {"gain": 0}' "\"grant\": [{\"device\": \"$a\", \"bar\": 2, \"backend\": \"pin\"}]"
check "a BAR is probed" pciwc probe $a:2
is "$(type_of $a map:2:0:0x1000)" $uc "without a pin VFIO maps it uncached"
exits 3 "what nobody approved is not held" pciwc pin $a
like "$output" "not what was approved" "which is said"

# ---- pinned ----

like "$(pciwc policy show)" "^$pci/$a/resource2_wc: pinned" "what would be pinned is shown"
exits 0 "the policy is applied" pciwc policy apply
like "$output" "not pinned: no process holds it; before VFIO opens it: pciwc pin $a" "without systemd its user is told what to type"
exits 5 "until then it is drift" pciwc policy verify
like "$output" "$pci/$a/resource2_wc: not pinned: no process holds it" "by name"
check "it is pinned" json pin $a
pinned=$(said process)
is "$(said type_verified)" true "and its type verified"
exits 0 "all is as the policy says" pciwc policy verify
is "$(listed $a)" $wc "the kernel's list says so"
is "$(type_of $a map:2:0:0x1000)" $wc "a VFIO program that knows nothing of it gets write-combining"
is "$(type_of $a map:2:0x800000:0x1000)" $wc "anywhere in the BAR"
is "$(type_of $a map:2:0:0x1000)" $wc "each time that it opens the device"
is "$(type_of $b map:2:0:0x1000)" $uc "the neighbour is uncached"
json list
is "$(said $bar/granted devices/$b/bars/2/granted)" "true false" "it is granted, and the other is not"
json explain $a
is "$(said $bar/surfaces/vfio)" wc "VFIO maps it write-combining"
json query $a:2
is "$(said ranges/0/granted ranges/0/backend ranges/0/how)" "true pin vfio" "a program can ask how it may map"
exits 1 "it is pinned once" pciwc pin $a
like "$output" "pinned already" "which is said"

# ---- what the pin is ----

is "$(status Uid)" "65534 65534 65534 65534" "its user is nobody"
is "$(status CapEff) $(status CapPrm) $(status CapBnd)" "0000000000000000 0000000000000000 0000000000000000" "it has no capability"
is "$(status NoNewPrivs) $(status Seccomp)" "1 2" "can get none, and has few system calls"
is "$(find /proc/"$pinned"/fd -type l -printf '%l\n' | sed 's,:.*,,' | sort)" "$(printf '%s\n' /dev/null /run/pciwc/pin-$a.lock pipe "$(readlink -f $pci/$a)/resource" | sed 's,:.*,,' | sort)" "no BAR is open in it"
like "$(grep resource2_wc "/proc/$pinned/maps")" '^[0-9a-f-]+ ---s ' "and its mapping lets nobody read or write"

# ---- dead, wrong, and not approved ----

kill "$pinned"
check "it ends when it is told to" await 5 gone "$pinned"
exits 5 "a dead pin is drift" pciwc policy verify
like "$output" "no process holds it" "by name"
is "$(type_of $a map:2:0:0x1000)" $uc "and VFIO maps uncached again"
/guest/vfio $a map:2:0:0x1000 hold:/tmp/held > /tmp/said 2>&1 &
holder=$!
await 20 test -s /tmp/held
exits 1 "what VFIO has open already is not pinned" pciwc pin $a
like "$output" "resource2_wc: " "and that is said"
kill $holder
wait $holder || true
begin pciwc --json probe $b:2
stop middle background || not_ok "the probe does not get to its background"
json pin $a &
pinner=$!
usleep 1000000
check "while another BAR is probed a pin waits" kill -0 $pinner
is "$(listed $a)" "" "and holds nothing"
go_on
ended
is "$code" 0 "the probe comes to its end"
wait $pinner || code=$?
is "$code" 0 "and it is pinned again"
pinned=$(said process)
mv /etc/pciwc/site.json /tmp/site.json
exits 5 "a pin that the policy does not have is drift" pciwc policy verify
like "$output" "$lock: process $pinned pins the device, and the policy does not" "by name"
like "$(pciwc policy show)" "^$lock: process $pinned pins the device, and the policy does not: to be ended" "and that it would end is shown"
mv /tmp/site.json /etc/pciwc/site.json

# ---- gone ----

at=$(base $a | sed 's/^0x0*//')
echo 1 > $pci/$a/remove
check "it ends when the device goes" await 5 gone "$pinned"
is "$(grep -c "mem 0x0*$at-" /sys/kernel/debug/x86/pat_memtype_list || true)" 0 "and its type with it"
echo 1 > /sys/bus/pci/rescan
udevadm settle
bind $a vfio-pci
exits 0 "the device is back, and approved" pciwc policy apply
check "it is pinned" json pin $a
pinned=$(said process)
is "$(type_of $a map:2:0:0x1000)" $wc "and write-combining"

# ---- taken back ----

check "the policy is reverted" pciwc policy revert
check "its pin ended" gone "$pinned"
is "$(find /var/lib/pciwc/approvals -type f)" "" "nothing is approved"
is "$(type_of $a map:2:0:0x1000)" $uc "and VFIO maps uncached"
exits 3 "what is not approved is not held" pciwc pin $a
is "$(dmesg | grep -E 'BUG|WARNING|Oops' || true)" "" "the kernel has nothing to complain about"
