#!/usr/bin/env python3
# Knows which part of a guest's console the user is shown: what lies between two record separators (0x1e).
# SPDX-License-Identifier: GPL-2.0-or-later
"""usage: console.py < CONSOLE"""
import os

shown, held = False, b''
while data := os.read(0, 65536):
    for i, part in enumerate(data.split(b'\x1e')):
        shown ^= i > 0
        if not shown:
            continue
        # the guest's terminal ends lines with \r\n, which may arrive in two pieces
        part = held + part
        held = b'\r' if part.endswith(b'\r') else b''
        part = part[:len(part) - len(held)].replace(b'\r\n', b'\n')
        while part:
            part = part[os.write(1, part):]
