# SPDX-License-Identifier: GPL-2.0-or-later
"""Knows how a test runs pciwc on roots made of specs: in a directory of its own below the build, with relative paths, as any user.

It is run from the build directory, where ./pciwc is (or where PCIWC names it), and finds all else beside itself.
"""
import atexit
import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
TESTS = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(TESTS)
ROOTS = os.path.join(TESTS, "roots")
sys.path.insert(0, TESTS)
import mkroot  # noqa: E402

NOBODY = 65534
TIMEOUT_S = 240         # of one run; a sanitizer's build on a busy machine is slow, a hang is forever
PATIENCE_S = 120        # with what a process is to do by itself
SANITIZERS = ("Sanitizer", "runtime error:")


def without_leaks():
    """For who asks the same of many machines: to look for leaks takes more than half of a run, and goldens, the matcher and tests/bad do that."""
    os.environ["ASAN_OPTIONS"] = "detect_leaks=0"


class Result:
    """What one run of pciwc came to."""

    def __init__(self, arguments, done):
        self.arguments, self.status = arguments, done.returncode
        self.out, self.err = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")

    def json(self):
        """stdout as JSON in its own order; None when it is none, or has a key twice."""
        try:
            return json.loads(self.out, object_pairs_hook=mkroot.no_duplicates)
        except ValueError:
            return None

    def __str__(self):
        return "pciwc %s\n    exit %d\n    stdout %s\n    stderr %s" % (" ".join(self.arguments), self.status, self.out[:400], self.err[:600])


class Work:
    """A directory below the current one, or another, which goes away at the end: roots, a copy of the quirks, and pciwc itself."""

    def __init__(self, name, above="."):
        os.umask(0o022)         # files of a checkout may be writable by a group: pciwc trusts no such file
        self.dir = tempfile.mkdtemp(prefix=name + ".", dir=above)
        atexit.register(self.remove)
        os.chmod(self.dir, 0o755)
        program = os.environ.get("PCIWC", "./pciwc")
        if not os.access(program, os.X_OK):
            sys.exit("%s: not there: run this from the build directory" % program)
        shutil.copy(program, self.at("pciwc"))      # where also nobody finds it, by a relative path
        os.mkdir(self.at("quirks"))
        for name in os.listdir(os.path.join(TOP, "quirks")):
            if name.endswith(".json"):
                shutil.copyfile(os.path.join(TOP, "quirks", name), self.at("quirks/" + name))

    def at(self, path):
        return os.path.join(self.dir, path)

    def remove(self):
        for where, directories, _ in os.walk(self.dir):
            for name in directories:
                if not os.path.islink(os.path.join(where, name)):
                    os.chmod(os.path.join(where, name), 0o700)
        shutil.rmtree(self.dir)

    def root(self, name, spec=None, **patch):
        """Makes the root NAME from tests/roots/SPEC.root (or NAME's own), merged with patch; gives its path."""
        made = mkroot.merge(mkroot.load(os.path.join(ROOTS, (spec or name) + ".root")), patch)
        mkroot.make_root(made, self.at(name))
        return self.at(name)

    def write(self, path, content, mode=0o644):
        os.makedirs(os.path.dirname(self.at(path)), exist_ok=True)
        with open(self.at(path), "wb") as out:
            out.write(content if isinstance(content, bytes) else content.encode())
        os.chmod(self.at(path), mode)

    def pciwc(self, *arguments, nobody=False, quirks="quirks", environment=None):
        """Runs ./pciwc there. With nobody: as a user who owns nothing (as the user who runs the test, unless that is root)."""
        given = ["--quirks", quirks] if quirks else []
        return self.program("./pciwc", arguments, environment, nobody, given)

    def program(self, program, arguments, environment=None, nobody=False, given=()):
        """Runs a program there, which is not always pciwc."""
        other = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if nobody and os.geteuid() == 0 else {}
        try:
            done = subprocess.run([program, *given, *arguments], cwd=self.dir, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, timeout=TIMEOUT_S, check=False, env=dict(os.environ, **(environment or {})), **other)
        except subprocess.TimeoutExpired:
            done = subprocess.CompletedProcess([], -999, b"", b"it hangs")
        return Result(arguments, done)


class Checks:
    """Counts what holds, and prints what does not."""

    def __init__(self):
        self.passed = self.failed = 0

    def that(self, condition, name, detail=""):
        if condition:
            self.passed += 1
        else:
            self.failed += 1
            print("not ok %s\n    %s" % (name, detail), flush=True)
        return bool(condition)

    def sane(self, result, name):
        """It came to an end by itself, and no sanitizer spoke."""
        return self.that(result.status >= 0 and not any(word in result.err for word in SANITIZERS), name, str(result))

    def end(self):
        print("%d passed, %d failed" % (self.passed, self.failed))
        return 1 if self.failed else 0


def spec_names():
    return sorted(name[:-len(".root")] for name in os.listdir(ROOTS) if name.endswith(".root"))


def without_read(path):
    """Takes the right to read from whoever runs pciwc with nobody=True."""
    os.chmod(path, 0o000 if os.geteuid() else 0o400)


def waits(process):
    """Until it waits for a lock, as the kernel's list has it."""
    until = time.monotonic() + PATIENCE_S
    while process.poll() is None and time.monotonic() < until:
        with open("/proc/locks", encoding="ascii") as source:
            if any("->" in line and " %d " % process.pid in line for line in source):
                return True
        time.sleep(0.01)
    return False


def fingerprint(path):
    """One file: its kind, mode and content; a large sparse file by its size and blocks."""
    info = os.lstat(path)
    if stat.S_ISLNK(info.st_mode):
        return "link", os.readlink(path)
    if not stat.S_ISREG(info.st_mode):
        return "other", info.st_mode
    if info.st_size > 1 << 20 and not info.st_blocks:
        return "sparse", info.st_mode, info.st_size
    if not os.access(path, os.R_OK):
        return "file", info.st_mode, info.st_size, info.st_mtime_ns
    with open(path, "rb") as content:
        return "file", info.st_mode, info.st_uid, info.st_gid, hashlib.sha256(content.read()).hexdigest()


def snapshot(top):
    """Every path below top and what it is: two are equal when nothing was written between them."""
    found = {}
    for where, directories, names in os.walk(top):
        for name in directories + names:
            path = os.path.join(where, name)
            found[os.path.relpath(path, top)] = fingerprint(path)
    return found


def one_line(result):
    """The only line of stderr without its "pciwc: "; None when there is another number of them, or it holds control characters."""
    lines = result.err.split("\n")
    if len(lines) != 2 or lines[1] or not lines[0].startswith("pciwc: ") or not lines[0].isprintable():
        return None
    return lines[0][len("pciwc: "):]


def refused(checks, work, name, arguments, status, ident, words, tree=None, **how):
    """The error contract: exit status, one line on stderr that has all the words, the same as JSON, and nothing written in tree."""
    before = snapshot(work.at(tree)) if tree else None
    text, coded = work.pciwc(*arguments, **how), work.pciwc("--json", *arguments, **how)
    for result in (text, coded):
        line = one_line(result)
        checks.sane(result, name)
        checks.that(result.status == status, name + ": exit %d" % status, str(result))
        checks.that(line is not None and all(word in line for word in words), "%s: one line with %s" % (name, words), str(result))
    checks.that(not text.out, name + ": nothing on stdout", str(text))
    document = coded.json()
    checks.that(document == {"schema": 1, "error": {"id": ident, "text": one_line(coded)}}, name + ": the error as JSON, id %s" % ident, str(coded))
    checks.that(document is None or list(document) == ["schema", "error"], name + ": schema first", coded.out[:80])
    checks.that(before is None or before == snapshot(work.at(tree)), name + ": nothing was written", "")


def answered(checks, work, name, arguments, words=(), tree=None, **how):
    """It answers in spite of something: exit 0, valid JSON, and with words one line on stderr that has them, else none; gives the JSON."""
    before = snapshot(work.at(tree)) if tree else None
    result = work.pciwc("--json", *arguments, **how)
    checks.sane(result, name)
    checks.that(result.status == 0 and result.json() is not None, name + ": answers", str(result))
    line = one_line(result) if words else None
    checks.that(not result.err if not words else line is not None and all(word in line for word in words), "%s: stderr has %s" % (name, words or "nothing"), str(result))
    checks.that(before is None or before == snapshot(work.at(tree)), name + ": nothing was written", "")
    return result.json() or {}
