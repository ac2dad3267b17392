# SPDX-License-Identifier: GPL-2.0-or-later
"""Knows how a bundle of quirks is made and signed, by keys of its own."""
import json
import os
import subprocess

ENTRY = {"name": "a", "effect": "deny", "hazards": ["ordering"], "match": [{"arch": "x86_64"}], "why": "x.", "references": ["https://a"],
         "confidence": "confirmed", "since": "2026-11-20"}


def openssl(work, *words):
    subprocess.run(["openssl", *words], cwd=work.dir, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def make_key(work, name, place=None):
    openssl(work, "genpkey", "-algorithm", "ed25519", "-out", name + ".key")
    if place:
        os.makedirs(work.at(place), exist_ok=True)
        openssl(work, "pkey", "-in", name + ".key", "-pubout", "-out", "%s/%s.pem" % (place, name))


def sign(work, name, key="trusted"):
    openssl(work, "pkeyutl", "-sign", "-rawin", "-inkey", key + ".key", "-in", name, "-out", name + ".sig")


def make_bundle(work, name, serial, entries=[ENTRY], key="trusted", raw=None, **more):
    text = "%08d" % serial
    document = {"schema": 1, "serial": serial, "date": "%s-%s-%s" % (text[:4], text[4:6], text[6:]), "entries": entries}
    document.update(more)
    work.write(name, raw or json.dumps({k: v for k, v in document.items() if v is not None}, separators=(",", ":")))
    sign(work, name, key)
    return name
