# shellcheck shell=sh
# Knows that the units of a real host run before a test does: those of systemd, and what the project adds.
# SPDX-License-Identifier: GPL-2.0-or-later
is "$(cat /proc/1/comm)" systemd "systemd is the first process"
check "it is up" systemctl is-active multi-user.target
is "$(systemctl --failed --no-legend --plain | tr '\n' ';')" "" "nothing failed"
check "udevd is its service" systemctl is-active systemd-udevd.service
like "$(udevadm info -q property /sys/bus/pci/devices/0000:01:00.0)" PCI_ID=1AF4:1110 "and has seen the device"
