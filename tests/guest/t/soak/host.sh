# shellcheck shell=bash
# Knows two memories that are probed all the time. PROBES=N: so often, instead of 1,000.
# SPDX-License-Identifier: GPL-2.0-or-later
# arches: x86_64
# full: x86_64

device ivshmem 1M
device ivshmem 1M
time_limit 9000
guest_env PROBES "${PROBES:-1000}"
boot
