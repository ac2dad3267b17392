# shellcheck shell=bash disable=SC2034
# Knows the options that run, build and demo share, and finds or builds what a guest is booted from.
# SPDX-License-Identifier: GPL-2.0-or-later

LIB=$(dirname "${BASH_SOURCE[0]}")
. "$LIB/tables.sh"
. "$LIB/cache.sh"
. "$LIB/cpio.sh"

KERNEL=${KERNELS[0]}
CACHE_DIR=
KEEP=
NO_PROJECT=
COVERAGE_DIR=

usage() { sed -n '2,/^set /{/^# SPDX/d;/^#/!d;s/^# \{0,1\}//;p}' "$0"; }

# option WORD...: takes one shared option off the front; sets TAKEN to how many words it had, 0 when it is none.
option() {
    TAKEN=2
    case $1 in
    --kernel) KERNEL=${2:-}; kernel_check "$KERNEL" ;;
    --cache)  CACHE_DIR=${2:?} ;;
    --coverage) COVERAGE_DIR=$(realpath "${2:?}") ;;
    --keep)   KEEP=1 TAKEN=1 ;;
    --no-project) NO_PROJECT=1 TAKEN=1 ;;
    --help)   usage; exit 0 ;;
    -*)       die "no such option: $1" ;;
    *)        TAKEN=0 ;;
    esac
}

arch_check() { [ -n "${DEB_ARCH[$1]:-}" ] || die "no such architecture: $1 (there are ${ARCHES[*]})"; }

# need_tools PROGRAM...: says what to install.
need_tools() {
    local program
    for program; do
        PATH=$PATH:/usr/sbin:/sbin command -v "$program" > /dev/null || die "no $program: run scripts/deps --guest"
    done
}

kernel_check() { [ -n "${KERNEL_SUITE[$1]:-}" ] || die "no such kernel: $1 (there are ${KERNELS[*]})"; }

# kernel_artefacts: builds what is missing to boot KERNEL, and sets VMLINUZ MODULES.
kernel_artefacts() {
    artefact kernel "$ARCH" "$KERNEL"
    VMLINUZ=$ARTEFACT/vmlinuz
    artefact modules "$ARCH" "$KERNEL" "$ARTEFACT"
    MODULES=$ARTEFACT/modules.cpio
}

# guest_artefacts: builds what is missing to boot ARCH with KERNEL, and sets VMLINUZ BASE MODULES PROGRAMS PROJECT QEMU.
guest_artefacts() {
    local major
    need_tools apt-get flock depmod modprobe xz zstd cpio setpriv python3 mkfs.ext4 fdtput "${TRIPLET[$ARCH]}-gcc"
    export PATH=$PATH:/usr/sbin:/sbin
    kernel_artefacts
    artefact prefix hosttools
    artefact userland "$ARCH" "$ARTEFACT"
    BASE=$ARTEFACT/base.cpio
    artefact programs "$ARCH"
    PROGRAMS=$ARTEFACT
    QEMU=$(command -v "qemu-system-$ARCH" || true)
    major=$([ -z "$QEMU" ] || "$QEMU" --version | sed -n 's/^QEMU emulator version \([0-9]*\).*/\1/p')
    if [ "${major:-0}" -lt "$QEMU_AT_LEAST" ]; then
        artefact prefix qemu
        QEMU=$ARTEFACT/bin/qemu-system-$ARCH
    fi
    PROJECT=
    [ -n "$NO_PROJECT" ] || PROJECT=$("$GUEST/build" --cache "$CACHE" ${COVERAGE_DIR:+--coverage "$COVERAGE_DIR"} "$ARCH") || die "the project does not build for $ARCH"
}

# module_artefact: builds the project's kernel module for ARCH and KERNEL, unless it is there; sets ARTEFACT.
module_artefact() {
    artefact toolchain "${KERNEL_SUITE[$KERNEL]%-backports}"
    artefact headers "$ARCH" "$KERNEL" "$ARTEFACT"
    artefact vfio-module "$ARCH" "$KERNEL" "$ARTEFACT"
}

# work_open: sets WORK, a folder of this run, removed at its end unless --keep. A socket's path must be short: not in the cache.
work_open() {
    WORK=$(mktemp -d "${TMPDIR:-/tmp}/pciwc-guest.XXXXXX")
}

work_close() {
    if [ -n "$KEEP" ]; then echo "kept: $WORK" >&2; else rm -rf "$WORK"; fi
}
