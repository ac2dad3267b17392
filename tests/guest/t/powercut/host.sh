# shellcheck shell=bash disable=SC2154,SC2317 # the guest calls them; tap.sh sets $output
# Knows a machine whose power is cut while policies and the database change, again and again: QEMU is killed, at a random moment.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Each boot goes on with the disk of the one before. Besides, each cut's log of writes gives images of what other cuts would have left,
# of a disk whose cache forgets at random what was not flushed (images.py). CUTS=N: so many kills, instead of 50, or of 5 where each boot takes
# twice as long: what a disk keeps is no matter of the architecture.
cuts=${CUTS:-$([ "$ARCH" = x86_64 ] && echo 50 || echo 5)}
images=20
RANDOM=$(date +%s)

device ivshmem
log=$WORK/state.log
disk state 16M "$log"
time_limit 600

mkdir -p "$WORK/root/usr/share/pciwc/keys" "$WORK/share"
overlay "$WORK/root"
openssl genpkey -algorithm ed25519 -out "$WORK/key.pem" 2> /dev/null
openssl pkey -in "$WORK/key.pem" -pubout -out "$WORK/root/usr/share/pciwc/keys/test.pem"
for effect in warn deny; do
    cat > "$WORK/entry.json" <<- E
		{"schema": 1, "serial": 20270101, "entries": [{"name": "power-$effect", "effect": "$effect", "hazards": ["ordering"],
		  "match": [{"arch": "x86_64"}, {"arch": "aarch64"}], "why": "it was found out.", "references": ["https://example.org/power"],
		  "confidence": "confirmed", "since": "2026-11-28"}]}
	E
    "$GUEST/../../scripts/quirks-bundle" --key "$WORK/key.pem" -o "$WORK/share/$effect" "$WORK/entry.json" > /dev/null
done

cut_at=0 steps=0
# host_step BEFORE AFTER WHAT: the guest is about to do WHAT, which changes the state from one to the other, and did all before.
host_step() {
    local delay
    echo "$(stat -c %s "$log") $*" >> "$WORK/steps.$BOOT"
    steps=$((steps + 1))
    [ $steps = $cut_at ] || return 0
    delay=$((RANDOM % 3000))
    { sleep "$((delay / 1000)).$(printf %03d $((delay % 1000)))"; kill -KILL "$QEMU_PID"; } > /dev/null 2>&1 &
}

for ((n = 1; n <= cuts; n++)); do
    cp "$WORK/state.disk" "$WORK/before.disk"
    : > "$log"
    steps=0 cut_at=$((1 + RANDOM % 6))
    boot --dies
    seed=$RANDOM
    check "cut $n and $images others in its log, seed $seed: each file is the old or the new one; what was done, is" \
        "$TEST_DIR/images.py" "$WORK" "$BOOT" $images "$seed"
    note "$(tail -n 1 "$WORK/steps.$BOOT" | cut -d' ' -f2-); $output"
done
guest_env LAST 1
boot
