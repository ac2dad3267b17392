# shellcheck shell=bash disable=SC2034
# Knows which guests exist: one row for each architecture, one for each kernel.
# SPDX-License-Identifier: GPL-2.0-or-later

ARCHES=(x86_64 aarch64)
declare -A DEB_ARCH=([x86_64]=amd64             [aarch64]=arm64)
declare -A TRIPLET=( [x86_64]=x86_64-linux-gnu  [aarch64]=aarch64-linux-gnu)
declare -A LOADER=(  [x86_64]=lib64/ld-linux-x86-64.so.2 [aarch64]=lib/ld-linux-aarch64.so.1)
declare -A CONSOLE=( [x86_64]=ttyS0             [aarch64]=ttyAMA0)
# neoverse-n1 would look like an Ampere Altra host, which the quirk database denies. Signed pointers are slow to emulate.
declare -A CPU=(     [x86_64]=max               [aarch64]="neoverse-v1,pauth=off")
declare -A MACHINE=( [x86_64]="q35,kernel-irqchip=split" [aarch64]="virt,gic-version=3")
# QEMU 10.0's CPUs, a thread each, race with a memory map that one of them changes (it moves a BAR, say): an access of another one then
# ends in another device (a lost end of interrupt, and a guest that stands still), or QEMU in "iotlb_to_section: Assertion ... failed".
# Under load each second run of t/module did. QEMU 11 has lost that lookup. One thread for both is no slower here.
declare -A THREADS=( [x86_64]=single            [aarch64]=multi)
# How the IOMMU is had: a machine option, a device, a kernel argument.
declare -A IOMMU_MACHINE=([x86_64]=""           [aarch64]="iommu=smmuv3")
declare -A IOMMU_DEVICE=( [x86_64]="intel-iommu,intremap=on,caching-mode=off" [aarch64]="")
declare -A IOMMU_APPEND=( [x86_64]="intel_iommu=on" [aarch64]="")

# The first is the default; newest: whatever the suite has by now (7.3 in November 2026).
KERNELS=(6.12 6.1 newest)
declare -A KERNEL_SUITE=([6.1]=bookworm [6.12]=trixie [newest]=trixie-backports)
declare -A SUITE_GCC=([bookworm]=12 [trixie]=14) # what its kernels are built with
declare -A KERNEL_ARCH=([x86_64]=x86_64 [aarch64]=arm64)

USERLAND_SUITE=trixie
QEMU_SUITE=trixie
QEMU_NEW_SUITE=trixie-backports                 # from 11 on, unaligned 16-byte stores to Device memory fault, too
QEMU_AT_LEAST=10                                # older ones do not fault on unaligned access to Device memory
