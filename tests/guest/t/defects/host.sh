# shellcheck shell=bash disable=SC2317 # the guest calls them
# Knows how to imitate a defect on the far side of a probe, over and over while one of its steps runs.
# SPDX-License-Identifier: GPL-2.0-or-later
# full: x86_64 aarch64

device ivshmem
head -c 16M /dev/urandom > "$BACKING"
cp "$BACKING" "$WORK/saved"

# host_imitate KIND: returns when it has begun; works until host_calm, or for a minute. Lines of 64 bytes, anywhere in the 4 MiB behind the guard page:
#   zero   gaps of a line become zero: its odd dwords
#   move   a line lands on the next one, and its own place keeps what it had before
#   drop   every 8th line does not arrive: it keeps what it had before
#   look   nothing is changed: the control
host_imitate() {
    rm -f "$WORK/imitated"
    python3 - "$BACKING" $((4096)) $((4 << 20)) "$1" > "$WORK/imitated" 2>&1 << 'P' &
import mmap, random, sys, time
path, base, size, kind = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
with open(path, 'r+b') as file:
    memory = mmap.mmap(file.fileno(), 0)
before = bytes(memory[base:base + size])
end = time.monotonic() + 60
while time.monotonic() < end:
    at = random.randrange(size // 64 - 1) * 64
    if kind == 'drop':
        at -= at % 512
    line = memory[base + at:base + at + 64]
    old = before[at:at + 64]
    if kind == 'zero':
        for dword in range(4, 64, 8):
            memory[base + at + dword:base + at + dword + 4] = bytes(4)
    elif kind == 'move':
        memory[base + at + 64:base + at + 128] = line
        memory[base + at:base + at + 64] = old
    elif kind == 'drop':
        memory[base + at:base + at + 64] = bytes(64) if line == old else old
    print('begun', flush=True)
    time.sleep(0.0005)
P
    imitator=$!
    # a short step would be over before a program has started
    until [ -s "$WORK/imitated" ]; do sleep 0.05; done
}
host_calm() { kill "$imitator"; wait "$imitator" 2> /dev/null || true; }
host_same() { cmp "$WORK/saved" "$BACKING"; }

time_limit 1500
boot
