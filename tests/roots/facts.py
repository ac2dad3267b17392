# SPDX-License-Identifier: GPL-2.0-or-later
"""Knows where a root of files shows what a machine is, and reads it; None means that it could not be read."""
import os
import re

ARCH_NAMES = ((r"i[3-6]86", "i386"), (r"armv\d.*", "arm"), (r"aarch64_be|arm64", "aarch64"), (r"x86-64|amd64", "x86_64"))
X86 = ("x86_64", "i386")
DMI_FIELDS = ("sys_vendor", "product_name", "board_vendor", "board_name", "bios_vendor", "bios_version")
DMI_HYPERVISORS = {"QEMU": "qemu", "KVM": "kvm", "Amazon EC2": "amazon", "VMware, Inc.": "vmware", "Xen": "xen", "Parallels": "parallels",
                   "Google": "google", "Microsoft Corporation": "microsoft", "Apple Inc.": "apple"}


def read(top, path):
    try:
        with open(os.path.join(top, path), "rb") as source:
            return source.read()
    except OSError:
        return None


def text(top, path):
    raw = read(top, path)
    return None if raw is None else raw.decode("utf-8", "replace").rstrip("\n")


def integer(value):
    """A whole-text number with C's prefixes, None otherwise."""
    try:
        return int(value.strip(), 0)
    except (AttributeError, ValueError):
        return None


def listing(top, path):
    try:
        return sorted(os.listdir(os.path.join(top, path)))
    except OSError:
        return None


def nul_texts(raw):
    return None if raw is None else [part.decode("utf-8", "replace") for part in raw.split(b"\0") if part]


def arch(top):
    name = text(top, "proc/sys/kernel/arch")
    for pattern, meaning in ARCH_NAMES:
        if name and re.fullmatch(pattern, name):
            return meaning
    return name or None


def cpuinfo(top):
    """The paragraphs of /proc/cpuinfo, each a dictionary."""
    paragraphs = (text(top, "proc/cpuinfo") or "").split("\n\n")
    return [{k.strip(): v.strip() for k, _, v in (line.partition(":") for line in p.splitlines())} for p in paragraphs if p.strip()]


def decode_midr(midr):
    return {"implementer": midr >> 24 & 0xff, "variant": midr >> 20 & 0xf, "part": midr >> 4 & 0xfff, "revision": midr & 0xf}


def present(top):
    """The numbers of the CPUs; empty when that cannot be read."""
    spans = re.findall(r"(\d+)(?:-(\d+))?", text(top, "sys/devices/system/cpu/present") or "")
    return {cpu for first, last in spans for cpu in range(int(first), int(last or first) + 1)}


def arm_cpus(top):
    """A None among them: one that does not tell, or may not."""
    found, told = [], set()
    for name in listing(top, "sys/devices/system/cpu") or []:
        midr = integer(text(top, "sys/devices/system/cpu/%s/regs/identification/midr_el1" % name) or "")
        if midr is not None:
            found.append(decode_midr(midr))
            told.add(int(name[len("cpu"):]))
    for cpu in [] if found else cpuinfo(top):
        row = {key: integer(cpu.get("CPU " + key)) for key in ("implementer", "variant", "part", "revision")}
        if None not in row.values():
            found.append(row)
            told.add(integer(cpu.get("processor")))
    return found + ([] if present(top) and present(top) <= told else [None]) if found else None


def x86_cpus(top):
    names = (("family", "cpu family"), ("model", "model"), ("stepping", "stepping"))
    found = [dict({key: integer(cpu.get(name)) for key, name in names}, vendor=cpu["vendor_id"]) for cpu in cpuinfo(top)[:1] if "vendor_id" in cpu]
    others = [dict(cpu, stepping=None) for cpu in found if len(present(top)) != 1]
    return found + others or None


def socs(top):
    where = "sys/bus/soc/devices"
    found = [{"name": name, "id": text(top, "%s/%s/soc_id" % (where, name)), "revision": integer(text(top, "%s/%s/revision" % (where, name)))}
             for name in listing(top, where) or []]
    return [soc for soc in found if soc["id"] or os.path.exists(os.path.join(top, where, soc["name"], "soc_id"))] or None


def dt_compatible(top):
    return nul_texts(read(top, "proc/device-tree/compatible") or read(top, "sys/firmware/devicetree/base/compatible"))


def bridge_node(bridge):
    """Of the host bridge, which sysfs links from the root bus, the bridge or the platform device above it."""
    bus = os.path.basename(bridge)[len("pci"):]
    nodes = [os.path.join(bridge, place + "of_node") for place in ("", "pci_bus/%s/" % bus, "../")]
    return next(filter(os.path.isdir, nodes), None)


def bridge_properties(top):
    """(names, is that all of them): of the host bridges' nodes, and what AML has of the form "vendor,name"."""
    tables, base = "sys/firmware/acpi/tables", "sys/firmware/devicetree/base"
    places = listing(top, tables) or [], ["dynamic/" + name for name in listing(top, tables + "/dynamic") or []]
    names = {part.decode() for name in sum(places, []) if os.path.basename(name).startswith(("DSDT", "SSDT", "PSDT", "OSDT"))
             for part in re.findall(rb"\x0d([a-z0-9.-]*,[a-z0-9,.-]*)\0", read(top, "%s/%s" % (tables, name)) or b"") if len(part) <= 64}
    nodes = [where for where, _, files in os.walk(os.path.join(top, base)) if "device_type" in files and text(where, "device_type") == "pci\0"]
    for node in nodes:
        names.update(os.listdir(node))
    buses = [os.path.realpath(os.path.join(top, "sys/class/pci_bus", bus)) for bus in listing(top, "sys/class/pci_bus") or []]
    bridges = [os.path.dirname(os.path.dirname(bus)) for bus in buses if bus.endswith("/pci%s/pci_bus/%s" % ((os.path.basename(bus),) * 2))]
    if dt_compatible(top):
        return names, bool(bridges) and all(map(bridge_node, bridges))
    return names, os.path.exists(os.path.join(top, tables, "DSDT"))


def acpi(top, signature):
    raw = read(top, "sys/firmware/acpi/tables/" + signature)
    if raw is None or len(raw) < 36 or raw[0:4] != signature.encode():
        return None
    return {"oem_id": raw[10:16].decode("latin-1").rstrip(" \0"), "oem_table_id": raw[16:24].decode("latin-1").rstrip(" \0"),
            "oem_revision": int.from_bytes(raw[24:28], "little")}


def smbios_structures(raw):
    """(type, formatted bytes, strings) of each structure up to the end marker; None where one cannot be true."""
    at = 0
    while at < len(raw) and raw[at] != 127:
        length = raw[at + 1] if at + 4 <= len(raw) else 0
        end = raw.find(b"\0\0", at + length)
        if length < 4 or end < 0:
            yield None
            return
        yield raw[at], raw[at:at + length], raw[at + length:end].decode("latin-1").split("\0")
        at = end + 2


def processors(top):
    """Of each populated socket, and of what cannot be read and may be one, version and id; None where it does not tell."""
    found = []
    for structure in smbios_structures(read(top, "sys/firmware/dmi/tables/DMI") or b""):
        kind, formatted, strings = structure or (4, b"", [])
        if kind != 4 or (len(formatted) > 0x18 and not formatted[0x18] & 0x40):
            continue
        index = formatted[0x10] if len(formatted) > 0x10 else 0
        found.append({"processor_version": strings[index - 1].strip(" ") or None if 0 < index <= len(strings) else None,
                      "processor_id": int.from_bytes(formatted[8:12], "little") or None})
    return found


def dmi(top):
    """Each field: a list of the values it has (one a processor, None where it does not tell), None when unread."""
    fields = {name: text(top, "sys/class/dmi/id/" + name) for name in DMI_FIELDS}
    found = {name: None if value is None else [value] for name, value in fields.items()}
    for name in ("processor_version", "processor_id"):
        found[name] = [processor[name] for processor in processors(top)] or None
    return found


def hypervisor_by_dt(top, compatible):
    node = nul_texts(read(top, "proc/device-tree/hypervisor/compatible"))
    if node:
        return node[0].replace("linux,", "").split(",")[0]
    if "linux,dummy-virt" in (compatible or []) or listing(top, "proc/device-tree/fw-cfg@9020000"):
        return True
    return None


def hypervisor_by_dmi(fields):
    values = [v[0] for v in (fields["sys_vendor"], fields["board_vendor"], fields["bios_vendor"], fields["product_name"]) if v]
    if (fields["product_name"] or [""])[0].endswith(".metal"):
        return None
    for prefix, name in DMI_HYPERVISORS.items():
        if any(v.startswith(prefix) for v in values):
            makes_hardware_too = prefix in ("Microsoft Corporation", "Google", "Apple Inc.")
            if makes_hardware_too and "Virtual" not in " ".join(values) and "Compute Engine" not in " ".join(values):
                continue
            return name or True
    return None


def hypervisor(top, machine, fields):
    """A name, True (one without a name), False, or None where nothing that was read could have told."""
    named = text(top, "sys/hypervisor/type")
    if named:
        return named
    if machine in X86:
        flags = [cpu.get("flags", "").split() for cpu in cpuinfo(top)]
        told = "hypervisor" in flags[0] if flags else None
        return (hypervisor_by_dmi(fields) or True) if told else told
    compatible = dt_compatible(top)
    told = hypervisor_by_dt(top, compatible) or hypervisor_by_dmi(fields)
    return told or (False if compatible or fields["sys_vendor"] else None)


def cmdline(top):
    line = text(top, "proc/cmdline")
    return None if line is None else line.split()


def kconfig(top):
    release = text(top, "proc/sys/kernel/osrelease")
    lines = text(top, "boot/config-%s" % release)
    if lines is None:
        return None
    found = dict(line.split("=", 1) for line in lines.splitlines() if line.startswith("CONFIG_"))
    found.update({name: "n" for name in re.findall(r"(?m)^# (CONFIG_\w+) is not set$", lines)})
    return found, "# Automatically generated file" in lines


def wc_files(top):
    """Has a prefetchable BAR its resourceN_wc, which on x86 the kernel makes exactly where PAT is on; None when there is no such BAR."""
    where, found = "sys/bus/pci/devices", []
    for address in listing(top, where) or []:
        rows = (text(top, "%s/%s/resource" % (where, address)) or "").splitlines()[:6]
        found += [os.path.exists(os.path.join(top, where, address, "resource%d_wc" % index))
                  for index, row in enumerate(rows) if int(row.split()[2], 16) & 0x2200 == 0x2200]
    return any(found) if found else None


def pat(top, machine):
    if machine not in X86:
        return None
    if wc_files(top) is not None:
        return wc_files(top)
    cpus, words = cpuinfo(top), cmdline(top)
    if words and "nopat" in words:
        return False
    return "pat" in cpus[0].get("flags", "").split() if cpus else None


def function_ids(where):
    """What one PCI function says of itself."""
    names = {"vendor": "vendor", "device": "device", "class": "class", "revision": "revision", "sub_vendor": "subsystem_vendor", "sub_device": "subsystem_device"}
    found = {key: integer(text(where, name) or "") for key, name in names.items()}
    found["address"] = os.path.basename(where)
    return found


def ports_above(where):
    """From the function's real directory up to the host bridge's."""
    found, place = [], os.path.dirname(where)
    while re.fullmatch(r"[0-9a-f]{4,}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]", os.path.basename(place)):
        found.append(function_ids(place))
        place = os.path.dirname(place)
    return found, place


def memory_bars(where):
    rows = (text(where, "resource") or "").splitlines()[:6]
    flags = [int(row.split()[2], 16) for row in rows]
    return [index for index, value in enumerate(flags) if value & 0x200]


def bridge_compatible(bridge):
    raw = read(bridge_node(bridge) or bridge, "compatible")
    return nul_texts(raw) if raw else None


def device(top, address):
    where = os.path.realpath(os.path.join(top, "sys/bus/pci/devices", address))
    found = function_ids(where)
    found["ports"], bridge = ports_above(where)
    found["bars"] = memory_bars(where)
    found["bridge_compatible"] = bridge_compatible(bridge)
    return found


def machine(top):
    name, fields = arch(top), dmi(top)
    devices = [device(top, address) for address in listing(top, "sys/bus/pci/devices") or []]
    return {"arch": name, "arm_cpus": arm_cpus(top), "x86_cpus": x86_cpus(top), "soc_id": socs(top), "dt_compatible": dt_compatible(top), "bridge_properties": bridge_properties(top),
            "dmi": fields, "acpi_mcfg": acpi(top, "MCFG"), "acpi_fadt": acpi(top, "FACP"), "release": text(top, "proc/sys/kernel/osrelease"),
            "cmdline": cmdline(top), "kconfig": kconfig(top), "pat": pat(top, name), "hypervisor": hypervisor(top, name, fields), "devices": devices}
