# shellcheck shell=bash disable=SC2317 # the guest calls them
# Knows how to damage a range behind the back of a probe, from its far side, and what the probe must say of it.
# SPDX-License-Identifier: GPL-2.0-or-later

device ivshmem
head -c 16M /dev/urandom > "$BACKING"
cp "$BACKING" "$WORK/saved"

# The range that a probe of the whole BAR uses: 4 MiB behind a guard page.
guard=4096 range=$((4 << 20))

# host_corrupt flip|drop OFFSET...: flips a byte at each of these offsets of the range, or clears 64 bytes there. Prints what the
# finding must say: how many bytes are bad, the first, the last; these two once more as its text has them.
host_corrupt() {
    python3 - "$BACKING" $guard "$@" << 'P'
import sys
path, base, how, offsets = sys.argv[1], int(sys.argv[2]), sys.argv[3], [int(at, 0) for at in sys.argv[4:]]
bad = []
with open(path, 'r+b', buffering=0) as file:
    for at in offsets:
        file.seek(base + at)
        was = file.read(1 if how == 'flip' else 64)
        now = bytes([was[0] ^ 0x10]) if how == 'flip' else bytes(64)
        file.seek(base + at)
        file.write(now)
        bad += [at + i for i in range(len(was)) if was[i] != now[i]]
print(float(len(bad)), float(bad[0]), float(bad[-1]), hex(bad[0]), hex(bad[-1]))
P
}
# host_filled: has the range's last word been overwritten?
host_filled() { ! cmp -s -i $((guard + range - 8)) -n 8 "$WORK/saved" "$BACKING"; }
host_same() { cmp "$WORK/saved" "$BACKING"; }

time_limit 900
boot
