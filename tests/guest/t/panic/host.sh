# shellcheck shell=bash
# Knows a machine that crashes and comes back with the same disk.
# SPDX-License-Identifier: GPL-2.0-or-later

disk journal
boot --dies
boot
