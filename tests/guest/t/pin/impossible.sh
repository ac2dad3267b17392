# shellcheck shell=sh
# Knows what is said before anything starts where VFIO would map uncached whatever is pinned.
# SPDX-License-Identifier: GPL-2.0-or-later
a=0000:01:00.0
bar=devices/$a/bars/2

json() { sh -c "pciwc --json $* > /share/said.json"; }
said() { host json said.json "$@"; }

bind $a vfio-pci
site "$(accepts virtual-platform)" '"minimum": {"gain": 0}' "\"grant\": [{\"device\": \"$a\", \"bar\": 2, \"backend\": \"pin\"}]"
json explain $a
is "$(said $bar/verdict $bar/grantable)" "unknown false" "nothing is probed yet"
like "$(pciwc explain $a:2)" 'cannot be pinned: .*older than 7.2' "that this kernel cannot have it is said before the probe"
like "$(pciwc explain $a:2)" 'iomem=relaxed' "and what to do"
check "a BAR is probed" pciwc probe $a:2
exits 3 "it cannot be granted" pciwc policy apply
like "$output" "older than 7.2" "for that reason"
exits 3 "nor held" pciwc pin $a
is "$(find /var/lib/pciwc/approvals -type f 2> /dev/null)" "" "nothing is approved"
