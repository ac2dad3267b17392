# shellcheck shell=bash disable=SC2317 # the guest calls them
# Knows what the far side of ivshmem sees of a probe: its memory changes meanwhile, where it may, and is back afterwards.
# SPDX-License-Identifier: GPL-2.0-or-later

device ivshmem
head -c 16M /dev/urandom > "$BACKING"
saved=$WORK/saved
cp "$BACKING" "$saved"

# The range that a probe of the whole BAR uses: 4 MiB behind a guard page.
guard=4096 range=$((4 << 20)) watcher=

# host_watch: looks at it until host_watched, which says what was seen: "changed"; "outside", when another byte was, too.
host_watch() {
    rm -f "$WORK"/{changed,outside,stop}
    until [ -e "$WORK/stop" ]; do
        cmp -s -i $guard -n $range "$saved" "$BACKING" || touch "$WORK/changed"
        if ! cmp -s -n $guard "$saved" "$BACKING" || ! cmp -s -i $((guard + range)) "$saved" "$BACKING"; then touch "$WORK/outside"; fi
        sleep 0.05
    done &
    watcher=$!
}
host_watched() {
    local seen
    touch "$WORK/stop"
    wait "$watcher"
    for seen in changed outside; do [ ! -e "$WORK/$seen" ] || echo "$seen"; done
}
host_word() { od -An -tx4 -j "$(($1))" -N 4 "$BACKING" | sed 's/ */0x/'; }
host_same() { cmp "$saved" "$BACKING"; }

boot
