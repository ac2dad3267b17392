# shellcheck shell=bash
# Knows a machine on which the jail's own tests run.
# SPDX-License-Identifier: GPL-2.0-or-later

time_limit 900
boot
