# shellcheck shell=sh
# Knows that every instruction that stores a register of 16 bytes or more passes on the newest emulator, vectors and pairs alike.
# SPDX-License-Identifier: GPL-2.0-or-later
address=0000:01:00.0
bar=devices/$address/bars/2

site "$(accepts virtual-platform entry:ivshmem-arm64-guest)"
check "probed with all that the CPU can store it is safe" sh -c "pciwc --json probe --wide $address:2 > /share/probe.json"
is "$(host json probe.json $bar/findings/wide128/outcome $bar/findings/libc/outcome)" "pass pass" \
    "the stores of 16 bytes pass, and those of the C library"
case $ARCH in
aarch64) names='stp str-q stp-q st1x4' ;;
x86_64)  names='movups movntdq vmovups-ymm' ;;
esac
echo "$names" > /dev/null
note "$(host json probe.json $bar/findings/wide128/text)"
