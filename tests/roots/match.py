# SPDX-License-Identifier: GPL-2.0-or-later
"""Knows the match language of quirks/README.md: whether an entry speaks of a machine, a device, a BAR."""
import re

YES, NO, UNKNOWN = "yes", "no", "unknown"
DEVICE_KEYS = ("device", "subsystem", "class", "revision", "bar")
HOLDING = ("deny", "hold", "no-wc", "not-memory")     # effects for which an unknown fact counts
X86, ARM = ("x86_64", "i386"), ("aarch64", "arm")


def as_list(value):
    return value if isinstance(value, list) else [value]


def all_of(values):
    values = list(values)
    return NO if NO in values else UNKNOWN if UNKNOWN in values else YES


def any_of(values):
    values = list(values)
    return YES if YES in values else UNKNOWN if UNKNOWN in values else NO


def truth(value):
    return YES if value else NO


def number(value):
    return value if isinstance(value, int) else int(value, 0)


def in_range(wanted, value):
    if value is None:
        return UNKNOWN
    if not isinstance(wanted, dict):
        return truth(value == number(wanted))
    return truth(number(wanted.get("min", value)) <= value <= number(wanted.get("max", value)))


def glob(pattern, value):
    return value.startswith(pattern[:-1]) if pattern.endswith("*") else value.rstrip(" ") == pattern.rstrip(" ")


# --- PCI ids ------------------------------------------------------------------

def id_part(pattern, value):
    if value is None:
        return UNKNOWN
    first, _, last = pattern.partition("-")
    return truth(pattern == "*" or int(first, 16) <= value <= int(last or first, 16))


def id_matches(wanted, vendor, ident, revision):
    """`wanted` is "1def:e101", "10ee:*", "1af4:1000-107f" or {"id", "revision"}."""
    if isinstance(wanted, dict):
        return all_of([id_matches(wanted["id"], vendor, ident, revision), in_range(wanted["revision"], revision) if "revision" in wanted else YES])
    left, _, right = wanted.partition(":")
    return all_of([id_part(left, vendor), id_part(right, ident)])


def any_function(wanted, functions):
    return any_of(id_matches(w, f["vendor"], f["device"], f["revision"]) for w in as_list(wanted) for f in functions)


def has_class(function, prefix):
    if function["class"] is None:
        return UNKNOWN
    return truth(("%06x" % function["class"]).startswith(prefix))


def functions_of_class(wanted, functions, prefix):
    return any_of(all_of([has_class(f, prefix), any_function(wanted, [f])]) for f in functions)


# --- one row a key --------------------------------------------------------------

def key_arch(wanted, facts, _device, _bar):
    return UNKNOWN if facts["arch"] is None else truth(facts["arch"] in as_list(wanted))


def one_cpu(wanted, facts):
    kind, arches = ("arm_cpus", ARM) if "implementer" in wanted else ("x86_cpus", X86)
    if facts["arch"] is not None and facts["arch"] not in arches:
        return NO
    if facts[kind] is None:
        return UNKNOWN
    return any_of(UNKNOWN if cpu is None else all_of(truth(cpu[k] == w) if k == "vendor" else in_range(w, cpu[k]) for k, w in wanted.items()) for cpu in facts[kind])


def key_cpu(wanted, facts, _device, _bar):
    return any_of(one_cpu(w, facts) for w in as_list(wanted))


def key_soc_id(wanted, facts, _device, _bar):
    if facts["soc_id"] is None:
        return UNKNOWN
    return any_of(all_of([UNKNOWN if soc["id"] is None else truth(soc["id"] in as_list(w["id"])), in_range(w["revision"], soc["revision"]) if "revision" in w else YES])
                  for w in as_list(wanted) for soc in facts["soc_id"])


def key_dt_compatible(wanted, facts, _device, _bar):
    return UNKNOWN if facts["dt_compatible"] is None else truth(set(as_list(wanted)) & set(facts["dt_compatible"]))


def key_dt_bridge(wanted, _facts, device, _bar):
    return UNKNOWN if device["bridge_compatible"] is None else truth(set(as_list(wanted)) & set(device["bridge_compatible"]))


def key_bridge_property(wanted, facts, _device, _bar):
    names, is_complete = facts["bridge_properties"]
    return YES if set(as_list(wanted)) & names else NO if is_complete else UNKNOWN


def dmi_value(wanted, value):
    if isinstance(value, str):
        return glob(wanted, value)
    if isinstance(wanted, dict):
        return value & number(wanted["mask"]) == number(wanted["value"]) & number(wanted["mask"])
    return value == number(wanted)


def key_dmi(wanted, facts, _device, _bar):
    def field(name, patterns):
        values = facts["dmi"][name]
        return UNKNOWN if values is None else any_of(UNKNOWN if v is None else truth(any(dmi_value(p, v) for p in as_list(patterns))) for v in values)
    return all_of(field(name, patterns) for name, patterns in wanted.items())


def key_acpi(name):
    def evaluate(wanted, facts, _device, _bar):
        table = facts[name]
        if table is None:
            return UNKNOWN
        return all_of(in_range(w, table[k]) if k == "oem_revision" else truth(w.rstrip(" \0") == table[k]) for k, w in wanted.items())
    return evaluate


def key_port(wanted, _facts, device, _bar):
    return functions_of_class(wanted, device["ports"], "0604")


def key_host_bridge(wanted, facts, _device, _bar):
    return functions_of_class(wanted, facts["devices"], "0600") if facts["devices"] else UNKNOWN


def key_device(wanted, _facts, device, _bar):
    return any_function(wanted, [device])


def key_subsystem(wanted, _facts, device, _bar):
    return any_of(id_matches(w, device["sub_vendor"], device["sub_device"], device["revision"]) for w in as_list(wanted))


def key_class(wanted, _facts, device, _bar):
    return any_of(has_class(device, prefix) for prefix in as_list(wanted))


def key_revision(wanted, _facts, device, _bar):
    return in_range(wanted, device["revision"])


def key_bar(wanted, _facts, _device, bar):
    return truth(bar in wanted)


def compare_release(release, bound):
    """-1, 0 or 1 over as many numbers as `bound` has: 6.11.5 is equal to 6.11."""
    numbers = [int(n) for n in re.match(r"\d+(\.\d+)*", release).group(0).split(".")]
    limit = [int(n) for n in bound.split(".")]
    numbers = (numbers + [0] * len(limit))[:len(limit)]
    return (numbers > limit) - (numbers < limit)


def key_kernel(wanted, facts, _device, _bar):
    if not facts["release"] or not re.match(r"\d", facts["release"]):
        return UNKNOWN
    return truth(("min" not in wanted or compare_release(facts["release"], wanted["min"]) >= 0)
                 and ("max" not in wanted or compare_release(facts["release"], wanted["max"]) <= 0))


def key_cmdline(wanted, facts, _device, _bar):
    if facts["cmdline"] is None:
        return UNKNOWN
    return truth(any(word == w or (w.endswith("=") and word.startswith(w)) for w in as_list(wanted) for word in facts["cmdline"]))


def key_kconfig(wanted, facts, _device, _bar):
    if facts["kconfig"] is None:
        return UNKNOWN
    options, is_whole = facts["kconfig"]

    def one(option, _, value):
        found = options.get(option, "n" if is_whole else None)
        return UNKNOWN if found is None else truth(found == value)
    return any_of(one(*w.partition("=")) for w in as_list(wanted))


def key_pat(wanted, facts, _device, _bar):
    return UNKNOWN if facts["pat"] is None else truth(facts["pat"] == wanted)


def key_hypervisor(wanted, facts, _device, _bar):
    found = facts["hypervisor"]
    if found is None:
        return UNKNOWN
    if wanted is True or found is False:
        return truth(bool(found))
    return UNKNOWN if found is True else truth(found == wanted)


def key_not(wanted, facts, device, bar):
    return {YES: NO, NO: YES, UNKNOWN: UNKNOWN}[keys(wanted, facts, device, bar)]


KEYS = {"arch": key_arch, "cpu": key_cpu, "soc_id": key_soc_id, "dt_compatible": key_dt_compatible, "dt_bridge_compatible": key_dt_bridge,
        "bridge_property": key_bridge_property, "dmi": key_dmi, "acpi_mcfg": key_acpi("acpi_mcfg"), "acpi_fadt": key_acpi("acpi_fadt"), "port": key_port, "host_bridge": key_host_bridge,
        "device": key_device, "subsystem": key_subsystem, "class": key_class, "revision": key_revision, "bar": key_bar, "kernel": key_kernel,
        "cmdline": key_cmdline, "kconfig": key_kconfig, "pat": key_pat, "hypervisor": key_hypervisor, "not": key_not}


def keys(wanted, facts, device, bar):
    return all_of(KEYS[name](value, facts, device, bar) for name, value in wanted.items() if name != "suspect")


def alternative(wanted, facts, device, bar):
    result = keys(wanted, facts, device, bar)
    if result == UNKNOWN and "suspect" in wanted and keys(wanted["suspect"], facts, device, bar) == NO:
        return NO
    return result


def is_device_scoped(entry):
    return any(key in a or key in a.get("not", {}) for a in entry["match"] for key in DEVICE_KEYS)


def entry_matches(entry, facts, device, bar=None):
    return any_of(alternative(a, facts, device, bar) for a in entry["match"])


def holds(entry, result):
    return result == UNKNOWN and entry["effect"] in HOLDING
