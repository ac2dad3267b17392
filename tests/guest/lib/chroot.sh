# shellcheck shell=bash
# Knows how to run programs of another Debian suite, which look for each other and for their libraries by absolute paths: in a root of
# their own, as any user. Its files are that user's, and shared with other roots: nothing but new ones may be written.
# SPDX-License-Identifier: GPL-2.0-or-later

# chroot_run ROOT COMMAND...
chroot_run() {
    # shellcheck disable=SC2016 # the inner shell expands them
    unshare --user --map-root-user --mount -- sh -c '
        root=$1
        shift
        mount --rbind /dev "$root/dev" && mount --rbind /proc "$root/proc" || exit
        exec chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin LC_ALL=C HOME=/ "$@"' chroot_run "$@"
}
