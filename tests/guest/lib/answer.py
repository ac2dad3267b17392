#!/usr/bin/env python3
# Knows how to ask one thing of a JSON document.
# SPDX-License-Identifier: GPL-2.0-or-later
"""usage: answer.py FILE PATH...

A path is keys joined by "/", e.g. devices/0000:01:00.0/bars/2/findings/type/outcome: an element of a list is named by the
member that identifies it, or else by its position. Prints the answers, one space between; lists as their elements' names
joined by ",", "missing" for what is not there."""
import json
import sys

NAMES = ('address', 'id', 'step', 'index', 'name', 'device', 'bar')


def name(element, position):
    if not isinstance(element, dict):
        return element if isinstance(element, str) else json.dumps(element)
    return str(next((element[key] for key in NAMES if key in element), position))


def children(value):
    if isinstance(value, dict):
        return dict(value)
    if isinstance(value, list):
        # of two with the same name the first is meant
        return {name(element, i): element for i, element in reversed(list(enumerate(value)))}
    return {}


def find(value, path):
    for key in path.split('/'):
        value = children(value).get(key, KeyError)
    return value


def text(value):
    if value is KeyError:
        return 'missing'
    if isinstance(value, list):
        return ','.join(name(element, i) for i, element in enumerate(value))
    return value if isinstance(value, str) else json.dumps(value)


with open(sys.argv[1]) as file:
    document = json.load(file)
print(*(text(find(document, path)) for path in sys.argv[2:]))
