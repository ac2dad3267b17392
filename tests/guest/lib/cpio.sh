# shellcheck shell=bash
# Knows how to make an archive that the kernel unpacks as, or over, its root file system.
# SPDX-License-Identifier: GPL-2.0-or-later

# cpio_make DIR FILE: everything belongs to root in it, whoever made it.
cpio_make() { (cd "$1" && find . -mindepth 1 -print0 | LC_ALL=C sort -z | cpio --quiet -0 -o -H newc -R 0:0) > "$2"; }
