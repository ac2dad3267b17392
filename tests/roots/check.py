#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Knows what a valid quirk file is and what each spec expects of it, and checks both: a second opinion on the C loader and matcher.

usage: check.py [--print] [SPEC...]     every NAME.root beside this file without SPEC; --print shows what was found as JSON
"""
import glob
import json
import os
import re
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]
import facts as fact_reader  # noqa: E402
import match  # noqa: E402
import mkroot  # noqa: E402

QUIRKS = os.path.join(HERE, "..", "..", "quirks")
PATH_EFFECTS = ("deny", "hold", "allow-after-probe", "warn", "no-wc")
BAR_EFFECTS = ("memory", "vendor-wc", "not-memory")
HAZARDS = """sparse-byte-enables misaddressed-write subword-misaddress unaligned-access wide-access-64 wide-access-128 long-burst-hang
combine-disorder no-drain no-combining unreliable-combining slow-read speculative-read wc-read-incoherent ordering attribute-override
attribute-alias ram-backed-bar fatal-abort guest-emulated-mmio bar-not-memory no-wc-support wc-defect-unspecified""".split()
ARCHES = "x86_64 i386 aarch64 arm loongarch64 mips64 riscv64 ppc64 ppc64le s390x ia64".split()
HYPERVISORS = "amazon apple bhyve bochs google kvm microsoft oracle parallels qemu vmware xen zvm".split()
DMI = "sys_vendor product_name board_vendor board_name bios_vendor bios_version processor_version processor_id".split()
ID = re.compile(r"[0-9a-f]{4}:(\*|[0-9a-f]{4}(-[0-9a-f]{4})?)")
HEX = re.compile(r"0x[0-9a-f]+")
PROPERTY = re.compile(r"[a-z0-9.-]*,[a-z0-9,.-]*")
RELEASE = re.compile(r"\d+\.\d+(\.\d+)?")


class Bad(Exception):
    """Names the element that is wrong."""


def want(condition, where, what):
    if not condition:
        raise Bad("%s: %s" % (where, what))


def only(value, where, required, optional=()):
    want(isinstance(value, dict), where, "not an object")
    want(set(required) <= set(value), where, "missing %s" % sorted(set(required) - set(value)))
    unknown = set(value) - set(required) - set(optional)
    want(not unknown, where, "unknown key %s" % sorted(unknown))


def is_number(value):
    return (isinstance(value, int) and not isinstance(value, bool) and value >= 0) or (isinstance(value, str) and HEX.fullmatch(value) is not None)


def some(value, where):
    """A string-or-list value as a list, which must have an element, none of them twice."""
    items = match.as_list(value)
    want(items, where, "empty list")
    want(len({json.dumps(i, sort_keys=True) for i in items}) == len(items), where, "an element twice")
    return items


def check_range(value, where):
    if not isinstance(value, dict):
        return want(is_number(value), where, "not a number")
    only(value, where, (), ("min", "max"))
    want(value and all(is_number(v) for v in value.values()), where, "not a range")
    want(len(value) < 2 or match.number(value["min"]) <= match.number(value["max"]), where, "empty range")


def check_texts(value, where):
    for item in some(value, where):
        want(isinstance(item, str) and item, where, "not a text")


def check_ids(value, where, objects=True):
    for item in some(value, where):
        if objects and isinstance(item, dict):
            only(item, where, ("id",), ("revision",))
            if "revision" in item:
                check_range(item["revision"], where + ".revision")
            item = item["id"]
        want(isinstance(item, str) and ID.fullmatch(item), where, "not an id: %r" % item)


def check_arch(value, where):
    for item in some(value, where):
        want(item in ARCHES, where, "unknown architecture %r" % item)


def check_cpu(value, where):
    for item in some(value, where):
        if "implementer" in item:
            only(item, where, ("implementer", "part"), ("variant", "revision"))
            want(all(isinstance(item[k], str) and HEX.fullmatch(item[k]) for k in ("implementer", "part")), where, "implementer and part are hex texts")
            ranges = ("variant", "revision")
        else:
            only(item, where, ("vendor",), ("family", "model", "stepping"))
            want(isinstance(item["vendor"], str), where, "vendor is a text")
            ranges = ("family", "model", "stepping")
        for key in ranges:
            if key in item:
                check_range(item[key], "%s.%s" % (where, key))


def check_soc(value, where):
    for item in some(value, where):
        only(item, where, ("id",), ("revision",))
        check_texts(item["id"], where + ".id")
        if "revision" in item:
            check_range(item["revision"], where + ".revision")


def check_dmi(value, where):
    only(value, where, (), DMI)
    want(value, where, "empty")
    for name, patterns in value.items():
        if name == "processor_id":
            if isinstance(patterns, dict):
                only(patterns, where, ("value", "mask"))
            numbers = patterns.values() if isinstance(patterns, dict) else [patterns]
            want(all(isinstance(n, str) and HEX.fullmatch(n) for n in numbers), where, "processor_id is no hex text")
        else:
            check_texts(patterns, "%s.%s" % (where, name))


def check_acpi(value, where):
    only(value, where, ("oem_id",), ("oem_table_id", "oem_revision"))
    for name, length in (("oem_id", 6), ("oem_table_id", 8)):
        if name in value:
            want(isinstance(value[name], str) and 0 < len(value[name]) <= length, where, "%s has 1 to %d bytes" % (name, length))
    if "oem_revision" in value:
        check_range(value["oem_revision"], where + ".oem_revision")


def check_class(value, where):
    for item in some(value, where):
        want(isinstance(item, str) and re.fullmatch(r"([0-9a-f]{2}){1,3}", item), where, "not a class prefix: %r" % item)


def check_bar(value, where):
    want(isinstance(value, list), where, "not a list")
    for item in some(value, where):
        want(isinstance(item, int) and not isinstance(item, bool) and 0 <= item <= 5, where, "not a BAR number")


def check_kernel(value, where):
    only(value, where, (), ("min", "max"))
    want(value and all(isinstance(v, str) and RELEASE.fullmatch(v) for v in value.values()), where, "not a range of releases")


def check_kconfig(value, where):
    for item in some(value, where):
        want(isinstance(item, str) and re.fullmatch(r"CONFIG_\w+=.+", item), where, "no option")


def check_pat(value, where):
    want(value is False, where, "only false")


def check_hypervisor(value, where):
    if value is True:
        return
    for name in some(value, where):
        want(name in HYPERVISORS, where, "no such hypervisor: %s" % name)


def check_property(value, where):
    check_texts(value, where)
    for name in match.as_list(value):
        want(PROPERTY.fullmatch(name) and len(name) <= 64, where, "no name of a property: %s" % name)


def check_not(value, where):
    check_keys(value, where, set(CHECKS) - {"not"})


CHECKS = {"arch": check_arch, "cpu": check_cpu, "soc_id": check_soc, "dt_compatible": check_texts, "dt_bridge_compatible": check_texts,
          "bridge_property": check_property, "dmi": check_dmi, "acpi_mcfg": check_acpi, "acpi_fadt": check_acpi, "port": check_ids, "host_bridge": check_ids,
          "device": check_ids, "subsystem": check_ids, "class": check_class, "revision": check_range, "bar": check_bar, "kernel": check_kernel,
          "cmdline": check_texts, "kconfig": check_kconfig, "pat": check_pat, "hypervisor": check_hypervisor, "not": check_not}


def check_keys(value, where, allowed):
    only(value, where, (), allowed)
    want(value, where, "empty")
    for key, item in value.items():
        CHECKS[key](item, "%s.%s" % (where, key))


def check_alternative(value, where):
    only(value, where, (), set(CHECKS) | {"suspect"})
    check_keys({k: v for k, v in value.items() if k != "suspect"}, where, set(CHECKS))
    if "suspect" in value:
        check_keys(value["suspect"], where + ".suspect", set(CHECKS) - {"not"})


def check_scratch(entry, where):
    scratch = entry.get("scratch")
    if scratch is None:
        return
    want(entry["effect"] == "memory", where, "scratch without effect memory")
    for item in [] if scratch in ("whole", "cmb") else some(scratch, where):
        only(item, where + ".scratch", ("offset", "size"))
        want(all(isinstance(v, str) and HEX.fullmatch(v) for v in item.values()), where, "scratch is hex texts")


def check_scope(entry, where):
    """A BAR's effect needs a device; the alternatives of one entry speak all of devices or all of the path."""
    scoped = {any(k in a for k in match.DEVICE_KEYS) for a in entry["match"]}
    want(len(scoped) == 1, where, "alternatives of a device and of the path in one entry")
    want(True in scoped or entry["effect"] not in BAR_EFFECTS, where, "a BAR's effect without a device")
    for a in entry["match"]:
        inner = [k for part in ("not", "suspect") for k in a.get(part, {}) if k in match.DEVICE_KEYS]
        want(not inner or True in scoped, where, "device key inside not or suspect only")


def check_entry(entry, where):
    only(entry, where, ("name", "effect", "hazards", "match", "why", "references", "confidence", "since"), ("scratch", "fact"))
    want(re.fullmatch(r"[a-z0-9-]+", entry["name"]), where, "name")
    want(entry["effect"] in PATH_EFFECTS + BAR_EFFECTS, where, "effect")
    want(isinstance(entry["hazards"], list) and set(entry["hazards"]) <= set(HAZARDS), where, "hazards")
    want(entry["hazards"] or entry["effect"] in ("memory", "not-memory", "allow-after-probe"), where, "no hazard")
    want(isinstance(entry["match"], list) and entry["match"], where, "match")
    for number, alternative in enumerate(entry["match"]):
        check_alternative(alternative, "%s.match[%d]" % (where, number))
    check_scope(entry, where)
    check_scratch(entry, where)
    want(isinstance(entry["why"], str) and entry["why"].strip(), where, "why")
    for url in some(entry["references"], where + ".references"):
        want(re.fullmatch(r"https://\S+", url), where, "reference %r" % url)
    want(entry["references"], where, "no reference")
    want(entry["confidence"] in ("confirmed", "reported", "unverified"), where, "confidence")
    want(re.fullmatch(r"\d{4}-\d\d-\d\d", entry["since"]), where, "since")
    want(isinstance(entry.get("fact", ""), str), where, "fact")


def load_quirks():
    entries, names = [], set()
    for path in sorted(glob.glob(os.path.join(QUIRKS, "[0-9]*.json"))):
        base = os.path.basename(path)
        with open(path, encoding="utf-8") as source:
            database = json.load(source, object_pairs_hook=mkroot.no_duplicates)
        only(database, base, ("schema", "serial", "entries"), ("date",))
        want(database["schema"] == 1 and isinstance(database["serial"], int), base, "schema or serial")
        for entry in database["entries"]:
            check_entry(entry, "%s: %s" % (base, entry.get("name")))
            want(entry["name"] not in names, base, "name twice: " + entry["name"])
            names.add(entry["name"])
            entries.append(entry)
    return entries


# --- expectations ---------------------------------------------------------------

def endpoints(facts):
    return [d for d in facts["devices"] if d["class"] is not None and d["class"] >> 16 != 0x06]


def found_of_path(entries, facts, device):
    found = {"yes": [], "held": []}
    for entry in entries:
        if match.is_device_scoped(entry):
            continue
        result = match.entry_matches(entry, facts, device)
        if result == match.YES:
            found["yes"].append(entry["name"])
        elif match.holds(entry, result):
            found["held"].append(entry["name"])
    return {key: sorted(names) for key, names in found.items()}


def found_of_bars(entries, facts, device, wanted):
    """For each BAR that an entry speaks of, the entries' names; wanted is match.YES or match.UNKNOWN."""
    found = {}
    for bar in device["bars"]:
        for entry in entries:
            if match.is_device_scoped(entry):
                result = match.entry_matches(entry, facts, device, bar)
                if result == wanted and (result == match.YES or match.holds(entry, result)):
                    found.setdefault(str(bar), []).append(entry["name"])
    return {bar: sorted(names) for bar, names in found.items()}


def compact(rows):
    """One "*" for what most devices have, and a line for each other."""
    texts = [json.dumps(row, sort_keys=True) for row in rows.values()]
    if not texts:
        return {}
    usual = json.loads(max(sorted(set(texts)), key=texts.count))
    return dict({"*": usual}, **{address: row for address, row in rows.items() if row != usual})


def evaluate(entries, top):
    facts = fact_reader.machine(top)
    devices = endpoints(facts)
    found = {"paths": compact({d["address"]: found_of_path(entries, facts, d) for d in devices})}
    for name, wanted in (("bars", match.YES), ("bars_held", match.UNKNOWN)):
        bars = {d["address"]: found_of_bars(entries, facts, d, wanted) for d in devices}
        found[name] = {address: row for address, row in bars.items() if row}
    return found


def expected(spec):
    expect = spec.get("expect", {})
    only(expect, "expect", ("paths",), ("bars", "bars_held"))
    paths = {address: {key: sorted(row.get(key, [])) for key in ("yes", "held")} for address, row in expect["paths"].items()}
    return {"paths": paths, "bars": expect.get("bars", {}), "bars_held": expect.get("bars_held", {})}


def check_spec(entries, path, show):
    spec = mkroot.load(path)
    with tempfile.TemporaryDirectory() as top:
        mkroot.make_root(spec, top)
        found = evaluate(entries, top)
    if show:
        print(json.dumps({os.path.basename(path): found}, indent=1, sort_keys=True))
    try:
        right = found == expected(spec)
    except Bad as error:
        print("%s: %s" % (path, error), file=sys.stderr)
        right = False
    if not right:
        print("%s\n  expected %s\n  found    %s" % (os.path.basename(path), json.dumps(spec.get("expect"), sort_keys=True), json.dumps(found, sort_keys=True)),
              file=sys.stderr)
    return right


def names_expected(specs, part):
    """Every entry that some spec expects: to fire ("yes"), or not to (all the others of that spec)."""
    found = set()
    for spec in specs:
        for row in spec["expect"]["paths"].values():
            found.update(row.get(part, []))
        for bars in spec["expect"].get("bars" if part == "yes" else "bars_held", {}).values():
            found.update(name for names in bars.values() for name in names)
    return found


def main(arguments):
    show = "--print" in arguments
    paths = [a for a in arguments if a != "--print"]
    try:
        entries = load_quirks()
    except (Bad, ValueError) as error:
        print("quirks: %s" % error, file=sys.stderr)
        return 1
    chosen = paths or sorted(glob.glob(os.path.join(HERE, "*.root")))
    wrong = [path for path in chosen if not check_spec(entries, path, show)]
    if not paths:
        idle = {e["name"] for e in entries} - names_expected([mkroot.load(p) for p in chosen], "yes")
        wrong += ["no spec expects %s to fire" % name for name in sorted(idle)]
    for line in wrong:
        print("wrong: %s" % line, file=sys.stderr)
    print("%d entries, %d specs, %d wrong" % (len(entries), len(chosen), len(wrong)))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
