#!/bin/sh
# Knows the main job as its user would type it: from a list of BARs to a policy that holds, and back.
# SPDX-License-Identifier: GPL-2.0-or-later
# devices: ivshmem bochs hole vnet
# shellcheck source=../guest/helpers.sh
. /guest/helpers.sh

bar=0000:01:00.0
files=/sys/bus/pci/devices/$bar

# Shows a command, runs it, and keeps its exit code; only what is expected to fail may.
typed() {
    printf '\n\033[1m$ %s\033[0m\n' "$*"
    code=0
    "$@" || code=$?
}
must() { typed "$@"; [ $code = 0 ] || { echo "exit code $code"; exit 1; }; }
fails() { want=$1; shift; typed "$@"; [ $code = "$want" ] || { echo "exit code $code, not $want"; exit 1; }; }
say() { printf '\n\033[2m# %s\033[0m\n' "$*"; }

say "a virtual machine with a shared-memory device, a display, a hole and a network card"
must pciwc list
must pciwc platform
must pciwc explain $bar

say "the administrator says what this guest accepts, and who may have the BAR"
mkdir -p /etc/pciwc
accept='{"what":"virtual-platform","reason":"a guest to try pciwc in"}'
[ "$(uname -m)" != aarch64 ] ||
    accept="$accept, {\"what\":\"entry:ivshmem-arm64-guest\",\"reason\":\"nobody else looks at this memory\"}"
cat > /etc/pciwc/site.json << SITE
{"schema": 1,
 "accept": [$accept],
 "grant": [{"device": "1af4:1110", "bar": 2, "group": "pciwc", "backend": "grant"}],
 "minimum": {"gain": 0}}
SITE
must cat /etc/pciwc/site.json
must pciwc probe --plan $bar:2
must pciwc probe $bar:2
must pciwc list
must pciwc policy show
must pciwc policy apply
must ls -l $files/resource2 $files/resource2_wc

say "alice is in the group pciwc, bob is not"
typed as alice poke $files/resource2_wc 0x100 0x1badcafe; [ $code = 0 ] || exit 1
typed as alice poke $files/resource2_wc 0x100; [ $code = 0 ] || exit 1
fails 3 as bob poke $files/resource2_wc 0x100
refused=0
for file in /sys/bus/pci/devices/*/resource?_wc /sys/bus/pci/devices/*/resource[0-9]; do
    [ "$file" != $files/resource2_wc ] || continue
    refused=$((refused + 1))
    as alice poke "$file" 0 2> /dev/null && { echo "alice could map $file"; exit 1; }
done
echo "alice is refused on the $refused other BAR files"

must pciwc policy revert
must ls -l $files/resource2_wc
fails 3 as alice poke $files/resource2_wc 0x100
say "done: the system is as it was"
