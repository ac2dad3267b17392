# SPDX-License-Identifier: GPL-2.0-or-later
"""Knows how many instructions a program takes, which does not depend on what else runs."""
import os
import re
import shutil
import subprocess
import sys


def is_developer_build(program):
    """A sanitizer's build says nothing of speed, and valgrind does not run it."""
    with open(program, "rb") as content:
        return b"__asan_init" in content.read()


def make_shim(where):
    """Its path; None: there is no valgrind, or no compiler."""
    if not shutil.which("valgrind") or not shutil.which("cc"):
        return None
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "openat.c")
    subprocess.run(["cc", "-D_GNU_SOURCE", "-shared", "-fPIC", "-o", where + "/openat.so", source, "-ldl"], check=True)
    return os.path.abspath(where + "/openat.so")


def instructions(command, where, shim):
    """In millions."""
    done = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command], cwd=where, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, check=False, env=dict(os.environ, LD_PRELOAD=shim))
    found = re.search(rb"Collected : (\d+)", done.stderr)
    if done.returncode or not found:
        sys.exit("valgrind %s: exit %d: %s" % (" ".join(command), done.returncode, done.stderr.decode(errors="replace")[-2000:]))
    return int(found.group(1)) / 1e6
