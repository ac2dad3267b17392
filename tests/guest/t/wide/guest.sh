# shellcheck shell=sh
# Knows that every instruction that stores a register of 16 bytes or more passes on the newest emulator, vectors and pairs alike.
# SPDX-License-Identifier: GPL-2.0-or-later
address=0000:01:00.0
bar=devices/$address/bars/2

site "$(accepts virtual-platform entry:ivshmem-arm64-guest)"
check "probed with all that the CPU can store it is safe" sh -c "pciwc --json probe --wide $address:2 > /share/probe.json"
is "$(host json probe.json $bar/findings/wide128/outcome $bar/findings/libc/outcome)" "pass pass" \
    "the stores of 16 bytes pass, and those of the C library"
text=$(host json probe.json $bar/findings/wide128/text)
note "$text"
case $ARCH in
aarch64) want='stp-x.*str-q, stp-q, stnp-q, st1x4' ;;
x86_64)  want='movups.*movntdq.*vmovups-256.*vmovntdq-256' ;;
esac
like "$text" "$want" "by name"
