# shellcheck shell=sh
# Knows what is said where nobody has built the module for the kernel.
# SPDX-License-Identifier: GPL-2.0-or-later
a=0000:01:00.0
site "$(accepts virtual-platform entry:ivshmem-arm64-guest)" '"minimum": {"gain": 0}' "\"grant\": [{\"device\": \"$a\", \"bar\": 2, \"backend\": \"variant\"}]"
bind $a vfio-pci
check "a BAR is probed" pciwc probe $a:2
exits 3 "it cannot be granted" pciwc policy apply
like "$output" "pciwc-vfio-pci is not there for this kernel" "for the module is not there for this kernel"
like "$(pciwc explain $a:2)" 'make -C module' "and how to build it is said"
