# shellcheck shell=bash
# Knows two memories that are probed all the time. PROBES=N: so often, instead of 1,000 times; on aarch64, which is emulated half as fast, 500.
# SPDX-License-Identifier: GPL-2.0-or-later
# full: x86_64 aarch64

device ivshmem 1M
device ivshmem 1M
time_limit 9000
case $ARCH in
x86_64)  guest_env PROBES "${PROBES:-1000}" ;;
aarch64) guest_env PROBES "${PROBES:-500}" ;;
esac
boot
