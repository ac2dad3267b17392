#!/usr/bin/env python3
# Knows what a disk holds after its power was cut, and that no file of pciwc's is anything but the old one or the new one, or an approval being taken back.
# SPDX-License-Identifier: GPL-2.0-or-later
"""usage: images.py WORK BOOT COUNT SEED

The image that is left, and COUNT others, of cuts at random moments of the log of that boot's writes (dm-log-writes' format), and at the end of a
step: what was flushed before is there, of the writes since each is there or not. ext4's journal is replayed, and the files are looked at."""
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile

FLUSH, FUA, DISCARD = 1, 2, 4
MAGIC = 0x6A736677736872
ADDRESS = "0000:01:00.0"
os.environ["PATH"] += ":/usr/sbin:/sbin"


def entries(log):
    """(position behind it, flags, place in bytes, data) of each."""
    magic, version, _, size = struct.unpack_from("<QQQI", log)
    if magic != MAGIC or version != 1:
        sys.exit("no log of writes")
    at = size
    while at + size <= len(log):
        sector, sectors, flags, _ = struct.unpack_from("<QQQQ", log, at)
        data = b"" if flags & DISCARD else log[at + size:at + size + sectors * size]
        if not flags and not sectors or flags & ~(FLUSH | FUA | DISCARD):
            break
        at += size + len(data)
        yield at, flags, sector * size, data


def cut(base, made, at, chance):
    """The disk as a cut leaves it when the log is as long as that."""
    disk, pending = bytearray(base), []

    def put(place, data):
        disk[place:place + len(data)] = data

    for behind, flags, place, data in made:
        if behind > at:
            break
        if flags & FLUSH:
            for write in pending:
                put(*write)
            pending = []
        if flags & FUA:
            put(place, data)
        elif data:
            pending.append((place, data))
    for write in pending:
        if chance.random() < 0.5:
            put(*write)
    return bytes(disk), len(pending)


def tree(image, work):
    """Each file of the file system in an image, and its text."""
    top, found = tempfile.mkdtemp(dir=work), {}
    path = os.path.join(top, "disk")
    with open(path, "wb") as out:
        out.write(image)
    fsck = subprocess.run(["e2fsck", "-fy", path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if fsck.returncode > 1:
        sys.exit("e2fsck: %s" % fsck.stdout.decode())
    os.mkdir(os.path.join(top, "files"))
    subprocess.run(["debugfs", "-R", "rdump / %s" % os.path.join(top, "files"), path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    files = os.path.join(top, "files")
    for where, _, names in os.walk(files):
        for name in names:
            with open(os.path.join(where, name), "rb") as source:
                found[os.path.relpath(os.path.join(where, name), files)] = source.read()
    shutil.rmtree(top)
    return found


def text(path):
    if not os.path.exists(path):
        return None
    with open(path, "rb") as source:
        return source.read()


def expected(share, state):
    """The files of a state; None: it is not there."""
    site, update, approval = state.split(".", 2)
    bundle = text(os.path.join(share, update))
    return {"etc/site.json": text(os.path.join(share, "known", "site." + site)), "lib/quirks.d/update.json": bundle, "lib/quirks.good/update.json": bundle,
            "lib/approvals/%s.json" % ADDRESS: None if approval == "-" else text(os.path.join(share, "known", "approval." + approval)),
            "lib/findings/%s-bar2.json" % ADDRESS: text(os.path.join(share, "known", "findings"))}


def look(files, share, states):
    """What is wrong: each file has to be that of one of the states, and no other is there but those without a name and the administrator's."""
    wanted = [expected(share, state) for state in states]
    odd = ["%s is of %s" % (path, "no bytes" if files.get(path) == b"" else "none" if path not in files else "%d bytes" % len(files[path]))
           for path in wanted[0] if files.get(path) not in [w[path] for w in wanted]]
    return odd + ["%s is there" % path for path in files
                  if path not in wanted[0] and not os.path.basename(path).startswith(".") and path != "etc/site.new" and not path.startswith("lost+found")]


def states_of(before, after):
    """The states that a cut in a step may leave. An approval that goes, or is to be another group's, is first written so that it gives nothing."""
    approval, then = (state.split(".", 2)[2] for state in (before, after))
    if approval in ("-", then):
        return [before, after]
    return [before, "%s.%s" % (before.rsplit(".", 1)[0], "withdrawn" if then == "-" else "regrouped"), after]


def states_at(steps, at):
    """The states that a cut may leave: one between steps, two or three in one."""
    last = max(i for i, (begin, *_) in enumerate(steps) if begin <= at)
    begin, before, after, what = steps[last]
    return ([before] if begin == at else states_of(before, after)), what


def main(work, boot, count, seed):
    share, chance = os.path.join(work, "share"), random.Random(seed)
    log, base = text(os.path.join(work, "state.log")), text(os.path.join(work, "before.disk"))
    with open(os.path.join(work, "steps." + boot), encoding="ascii") as lines:
        steps = [(int(n), *rest) for n, *rest in map(str.split, lines)]
    made = list(entries(log))
    if not made or made[-1][0] < steps[0][0]:
        sys.exit("the log has %d writes, up to %d, and the steps begin at %d" % (len(made), made[-1][0] if made else 0, steps[0][0]))
    cuts = [steps[i][0] for i in range(min(len(steps), count // 2))]
    cuts += [chance.choice([end for end, *_ in made if end >= steps[0][0]]) for _ in range(count - len(cuts))]
    bad, lost = 0, 0
    for at in [None, *cuts]:
        image, pending = (text(os.path.join(work, "state.disk")), 0) if at is None else cut(base, made, at, chance)
        states, what = states_at(steps, made[-1][0] if at is None else at)
        if at is None:
            states = states_of(*steps[-1][1:3])
        odd = look(tree(image, work), share, states)
        lost += pending
        if odd:
            bad += 1
            print("cut %s in %s, %s: %s" % ("of the kill" if at is None else "at %d" % at, what, " to ".join(states), "; ".join(odd)))
    print("%d writes in %d steps, %d cuts, %d writes not flushed, %d bad" % (len(made), len(steps), 1 + len(cuts), lost, bad))
    return 1 if bad or count < 1 else 0


sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
