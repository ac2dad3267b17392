#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Knows which files of /sys, /proc and /boot a machine shows, and makes such a root from a spec (tests/roots/README.md).

usage: mkroot.py SPEC... OUTDIR      one tree OUTDIR/NAME for each NAME.root
       mkroot.py --many N OUTDIR     one tree of N functions in OUTDIR itself
"""
import json
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "roots"))
import configspace  # noqa: E402
import firmware  # noqa: E402
from configspace import bars_of, number  # noqa: E402

LAST_STANDARD, FIRST_IOV, FIRST_WINDOW, LAST = 6, 7, 13, 17     # resource numbers with CONFIG_PCI_IOV
X86 = ("x86_64", "i386")
X86_FLAGS = ("fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36 clflush mmx fxsr sse sse2 ht syscall nx "
             "pdpe1gb rdtscp lm constant_tsc cpuid pni ssse3 cx16 sse4_1 sse4_2 popcnt aes xsave avx lahf_lm abm bmi1 avx2 bmi2 erms "
             "invpcid rdseed adx clflushopt clwb")
ARM_FEATURES = "fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp"
KCONFIG = ["CONFIG_PCI_IOV=y", "CONFIG_STRICT_DEVMEM=y", "CONFIG_IO_STRICT_DEVMEM=y", "CONFIG_VFIO=m", "CONFIG_VFIO_PCI=m"]
AER_NAMES = {
    "correctable": "RxErr BadTLP BadDLLP Rollover Timeout NonFatalErr CorrIntErr HeaderOF TOTAL_ERR_COR",
    "fatal": "Undefined DLP SDES TLP FCP CmpltTO CmpltAbrt UnxCmplt RxOF MalfTLP ECRC UnsupReq ACSViol UncorrIntErr BlockedTLP "
             "AtomicOpBlocked TLPBlockedErr PoisonTLPBlocked TOTAL_ERR_FATAL",
    "nonfatal": "Undefined DLP SDES TLP FCP CmpltTO CmpltAbrt UnxCmplt RxOF MalfTLP ECRC UnsupReq ACSViol UncorrIntErr BlockedTLP "
                "AtomicOpBlocked TLPBlockedErr PoisonTLPBlocked TOTAL_ERR_NONFATAL",
}


class Tree:
    """A directory to fill; every path is relative to it."""

    def __init__(self, top):
        self.top = top
        os.makedirs(top, exist_ok=True)

    def at(self, path):
        full = os.path.join(self.top, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        return full

    def data(self, path, raw):
        with open(self.at(path), "wb") as out:
            out.write(raw)

    def line(self, path, value):
        self.data(path, ("%s\n" % value).encode())

    def lines(self, path, values):
        self.data(path, "".join("%s\n" % v for v in values).encode())

    def directory(self, path):
        os.makedirs(os.path.join(self.top, path), exist_ok=True)

    def link(self, path, target):
        """A relative symlink to `target`, which is a path in this tree."""
        full = self.at(path)
        if not os.path.lexists(full):
            os.symlink(os.path.relpath(os.path.join(self.top, target), os.path.dirname(full)), full)

    def hollow(self, path, size):
        """A sparse file."""
        with open(self.at(path), "wb") as out:
            out.truncate(size)
        os.chmod(os.path.join(self.top, path), 0o600)


# --- specs ------------------------------------------------------------------

def merge(target, patch):
    """JSON merge patch, RFC 7396."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge(result.get(key), value)
    return result


def no_duplicates(pairs):
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key twice: %s" % [k for k, _ in pairs])
    return result


def load(path):
    with open(path, encoding="utf-8") as spec_file:
        spec = json.load(spec_file, object_pairs_hook=no_duplicates)
    if "like" not in spec:
        return spec
    base = load(os.path.join(os.path.dirname(path), spec["like"] + ".root"))
    base.pop("expect", None)
    return merge(base, {key: value for key, value in spec.items() if key != "like"})


# --- the PCI hierarchy -------------------------------------------------------

def split_address(address):
    domain, bus, rest = address.split(":")
    return int(domain, 16), int(bus, 16), rest


def hang_ports(devices):
    """Notes in each device what is above it, and in each bridge its primary bus."""
    bridges = {}
    for address, device in devices.items():
        if "port" in device:
            bridges[split_address(address)[0], device["port"]["buses"][0]] = address
            device["port"]["primary"] = split_address(address)[1]
    for address, device in devices.items():
        device["above"] = bridges.get(split_address(address)[:2])


def chain(devices, address):
    """From the host bridge's side down to `address`."""
    above = devices[address]["above"]
    return (chain(devices, above) if above else []) + [address]


def root_bus(devices, address):
    domain, bus, _ = split_address(chain(devices, address)[0])
    return "%04x:%02x" % (domain, bus)


def windows_of(devices):
    """For each bridge the smallest windows (1 MiB grain) around every memory BAR below it."""
    found = {}
    for address, device in devices.items():
        for bridge in chain(devices, address)[:-1]:
            for bar in memory_of(device):
                widen(found.setdefault(bridge, {}), bar)
    return found


def memory_of(device):
    """Its memory BARs, and the BARs of all its virtual functions as one span a BAR."""
    sriov = device.get("sriov") or {}
    spans = list(bars_of(sriov).values())
    for span in spans:
        span.size *= sriov["total"]
    return spans + [bar for bar in bars_of(device).values() if not bar.io]


def widen(windows, bar):
    kind = "pref" if bar.pref else "mem"
    first, last = bar.base & ~0xfffff, (bar.base + bar.size - 1) | 0xfffff
    if kind in windows:
        first, last = min(first, windows[kind][0]), max(last, windows[kind][1])
    windows[kind] = (first, last)


# --- one PCI function --------------------------------------------------------

def resource_lines(device, windows):
    rows = [(0, 0, 0)] * (LAST if "port" in device else FIRST_WINDOW)
    for index, bar in bars_of(device).items():
        rows[index] = (bar.base, bar.base + bar.size - 1, bar.linux_flags())
    if "rom" in device:
        base, size = (number(x) for x in device["rom"].split())
        rows[LAST_STANDARD] = (base, base + size - 1, 0x46200)
    for index, bar in bars_of(device.get("sriov") or {}).items():
        total = bar.size * device["sriov"]["total"]
        rows[FIRST_IOV + index] = (bar.base, bar.base + total - 1, bar.linux_flags())
    for kind, offset, flags in (("mem", 1, 0x200), ("pref", 2, 0x102201)):
        if kind in windows:
            rows[FIRST_WINDOW + offset] = windows[kind] + (flags,)
    return ["0x%016x 0x%016x 0x%016x" % row for row in rows]


def has_wc_files(spec):
    """Where arch_can_pci_mmap_wc() holds; on x86 that is pat_enabled()."""
    if "wc_files" in spec:
        return spec["wc_files"]
    if spec["arch"] in X86:
        return any("pat" in group.get("flags", X86_FLAGS).split() for group in spec.get("cpus", []))
    return spec["arch"] in ("aarch64", "ppc64", "ppc64le")


def make_bars(tree, where, device, wc_files):
    for index, bar in bars_of(device).items():
        tree.hollow("%s/resource%d" % (where, index), bar.size)
        if bar.pref and wc_files:
            tree.hollow("%s/resource%d_wc" % (where, index), bar.size)


def make_identity(tree, where, device):
    vendor, ident = device["id"].split(":")
    sub_vendor, sub_device = device.get("subsystem", "0000:0000").split(":")
    klass = device["class"]
    for name, value in (("vendor", "0x" + vendor), ("device", "0x" + ident), ("subsystem_vendor", "0x" + sub_vendor),
                        ("subsystem_device", "0x" + sub_device), ("class", "0x" + klass),
                        ("revision", "0x%02x" % number(device.get("revision", 0)))):
        if name not in device.get("unreadable", []):
            tree.line("%s/%s" % (where, name), value)
    ids = (vendor, ident, sub_vendor, sub_device, klass[0:2], klass[2:4], klass[4:6])
    tree.line(where + "/modalias", "pci:v0000%sd0000%ssv0000%ssd0000%sbc%ssc%si%s" % tuple(i.upper() for i in ids))


def make_state(tree, where, device):
    bound = bool(device.get("driver")) or "port" in device
    for name, value in (("enable", device.get("enable", 1 if bound else 0)), ("numa_node", device.get("numa_node", -1)),
                        ("irq", device.get("irq", 0)), ("power_state", device.get("power_state", "D0")),
                        ("driver_override", device.get("driver_override", "(null)")), ("d3cold_allowed", 1), ("msi_bus", 1),
                        ("broken_parity_status", 0), ("ari_enabled", 0), ("dma_mask_bits", 64 if bound else 32),
                        ("consistent_dma_mask_bits", 64 if bound else 32)):
        tree.line("%s/%s" % (where, name), value)
    tree.line(where + "/power/control", device.get("power_control", "on" if not bound else "auto"))
    tree.line(where + "/power/runtime_status", device.get("runtime_status", "active"))
    if device["class"].startswith("0300"):
        tree.line(where + "/boot_vga", 1 if device.get("boot_vga") else 0)


def make_link_state(tree, where, device):
    pcie = device.get("pcie")
    if not pcie or pcie["type"] in configspace.LINKLESS:
        return
    speed, width = pcie.get("speed", "8.0"), pcie.get("width", 4)
    for name, value in (("current_link_speed", speed + " GT/s PCIe"), ("current_link_width", width),
                        ("max_link_speed", pcie.get("max_speed", speed) + " GT/s PCIe"), ("max_link_width", pcie.get("max_width", width))):
        tree.line("%s/%s" % (where, name), value)


def make_aer(tree, where, device):
    if not device.get("aer"):
        return
    for name, counters in AER_NAMES.items():
        tree.lines("%s/aer_dev_%s" % (where, name), ["%s 0" % counter for counter in counters.split()])
    if device["pcie"]["type"] == "root":
        for name in ("cor", "fatal", "nonfatal"):
            tree.line("%s/aer_rootport_total_err_%s" % (where, name), 0)


def make_links(tree, where, address, device):
    tree.link(where + "/subsystem", "sys/bus/pci")
    tree.link("sys/bus/pci/devices/" + address, where)
    driver = device.get("driver") or ("pcieport" if "port" in device and "pcie" in device else None)
    if driver:
        tree.directory("sys/bus/pci/drivers/" + driver)
        tree.link(where + "/driver", "sys/bus/pci/drivers/" + driver)
        tree.link("sys/bus/pci/drivers/%s/%s" % (driver, address), where)
    if driver == "vfio-pci":
        tree.directory("%s/vfio-dev/vfio%d" % (where, device.get("iommu_group", 0)))
    group = device.get("iommu_group")
    if group is not None:
        tree.line("sys/kernel/iommu_groups/%d/type" % group, "DMA-FQ")
        tree.link("sys/kernel/iommu_groups/%d/devices/%s" % (group, address), where)
        tree.link(where + "/iommu_group", "sys/kernel/iommu_groups/%d" % group)


def make_vfs(tree, where, address, device, places):
    """SR-IOV: the PF's files and the links between PF and VF (VFs are devices of their own in the spec)."""
    sriov = device.get("sriov")
    if sriov:
        for name, value in (("totalvfs", sriov["total"]), ("numvfs", sriov.get("vfs", 0)), ("offset", sriov.get("offset", 1)),
                            ("stride", sriov.get("stride", 1)), ("vf_device", sriov["device"])):
            tree.line("%s/sriov_%s" % (where, name), value)
    if "physfn" in device:
        physfn = places[device["physfn"]]
        tree.link(where + "/physfn", physfn)
        tree.link("%s/virtfn%d" % (physfn, device["vf"]), where)


def make_function(tree, spec, address, places, windows):
    device, where = spec["devices"][address], places[address]
    tree.directory(where)
    make_identity(tree, where, device)
    make_state(tree, where, device)
    make_link_state(tree, where, device)
    make_aer(tree, where, device)
    make_bars(tree, where, device, has_wc_files(spec))
    tree.lines(where + "/resource", resource_lines(device, windows))
    if "config" not in device.get("unreadable", []):
        tree.data(where + "/config", configspace.build(device, windows))
    make_links(tree, where, address, device)
    make_vfs(tree, where, address, device, places)


def place(spec, address):
    """The function's directory, below the platform device of its host bridge where the spec names one."""
    devices = spec["devices"]
    bus = root_bus(devices, address)
    parent = bridge_node(spec, bus).get("platform")
    return "/".join(["sys/devices"] + ([parent] if parent else []) + ["pci" + bus] + chain(devices, address))


def make_pci(tree, spec):
    devices = spec["devices"]
    hang_ports(devices)
    tree.directory("sys/bus/pci/devices")
    tree.directory("sys/bus/pci/drivers")
    places = {address: place(spec, address) for address in devices}
    windows = windows_of(devices)
    for address in sorted(devices):
        make_function(tree, spec, address, places, windows.get(address, {}))
    make_host_bridges(tree, spec, places)


def bridge_node(spec, bus):
    return spec.get("dt", {}).get("bridges", {}).get(bus, {})


def make_host_bridges(tree, spec, functions):
    for bus in sorted({root_bus(spec["devices"], a) for a in spec["devices"]}):
        address = next(a for a in sorted(functions) if root_bus(spec["devices"], a) == bus)
        where = functions[address].split("/pci" + bus)[0] + "/pci" + bus
        tree.line("%s/pci_bus/%s/cpulistaffinity" % (where, bus), cpu_list(spec))
        tree.link("sys/class/pci_bus/" + bus, "%s/pci_bus/%s" % (where, bus))
        node = bridge_node(spec, bus)
        if node:
            base = "sys/firmware/devicetree/base/" + node["node"]
            tree.data(base + "/compatible", nul_list(node["compatible"]))
            tree.data(base + "/device_type", b"pci\0")
            for name in node.get("properties", []):
                tree.data(base + "/" + name, b"")
            places = {"bridge": where, "bus": "%s/pci_bus/%s" % (where, bus), "platform": "sys/devices/%s" % node.get("platform", "none")}
            for name in node.get("of_node", ["bridge", "bus"] + ["platform"] * ("platform" in node)):
                tree.link(places[name] + "/of_node", base)


# --- the platform ------------------------------------------------------------

def nul_list(texts):
    return b"".join(t.encode() + b"\0" for t in texts)


def cpus_of(spec):
    return [group for group in spec.get("cpus", []) for _ in range(group.get("count", 1))]


def cpu_list(spec):
    count = len(cpus_of(spec))
    return "0-%d" % (count - 1) if count > 1 else "0"


def cpuinfo_x86(number_of, cpu):
    rows = [("processor", number_of), ("vendor_id", cpu["vendor"]), ("cpu family", cpu["family"]), ("model", cpu["model"]),
            ("model name", cpu.get("name", "unknown")), ("stepping", cpu.get("stepping", 0)), ("microcode", cpu.get("microcode", "0x1")),
            ("physical id", cpu.get("socket", 0)), ("flags", cpu.get("flags", X86_FLAGS))]
    return ["%s%s: %s" % (name, "\t" * (2 if len(name) < 8 else 1), value) for name, value in rows] + [""]


def cpuinfo_arm(number_of, cpu):
    rows = ["processor\t: %d" % number_of, "BogoMIPS\t: 50.00", "Features\t: " + ARM_FEATURES]
    if "midr" in cpu:
        midr = int(cpu["midr"], 16)
        rows += ["CPU implementer\t: 0x%02x" % (midr >> 24), "CPU architecture: %d" % (8 if (midr >> 16) & 0xf == 0xf else 7),
                 "CPU variant\t: 0x%x" % ((midr >> 20) & 0xf), "CPU part\t: 0x%03x" % ((midr >> 4) & 0xfff),
                 "CPU revision\t: %d" % (midr & 0xf)]
    return rows + [""]


def make_cpus(tree, spec):
    cpus, rows = cpus_of(spec), []
    for i, cpu in enumerate(cpus):
        where = "sys/devices/system/cpu/cpu%d" % i
        tree.line(where + "/topology/physical_package_id", cpu.get("socket", 0))
        if spec["arch"] in X86:
            rows += cpuinfo_x86(i, cpu)
        elif spec["arch"] in ("aarch64", "arm"):
            rows += cpuinfo_arm(i, cpu)
        else:
            rows += cpu.get("text", ["processor\t: %d" % i]) + [""]
        if spec["arch"] == "aarch64" and "midr" in cpu:
            tree.line(where + "/regs/identification/midr_el1", "0x%016x" % int(cpu["midr"], 16))
            tree.line(where + "/regs/identification/revidr_el1", "0x%016x" % 0)
    tree.lines("proc/cpuinfo", rows)
    for name in ("online", "possible", "present"):
        tree.line("sys/devices/system/cpu/" + name, cpu_list(spec))
    tree.line("sys/devices/system/node/online", 0)
    tree.line("sys/devices/system/node/node0/cpulist", cpu_list(spec))


def make_kernel(tree, spec):
    tree.line("proc/sys/kernel/arch", spec["arch"])
    tree.line("proc/sys/kernel/osrelease", spec["release"])
    tree.line("proc/sys/kernel/random/boot_id", "00000000-0000-4000-8000-000000000000")
    tree.line("proc/cmdline", spec.get("cmdline", "BOOT_IMAGE=/boot/vmlinuz-%s root=/dev/vda1 ro quiet" % spec["release"]))
    modes = ("none", "integrity", "confidentiality")
    mode = spec.get("lockdown", "none")
    tree.line("sys/kernel/security/lockdown", " ".join("[%s]" % m if m == mode else m for m in modes))
    tree.lines("boot/config-" + spec["release"], spec.get("kconfig", KCONFIG))
    if spec["arch"] in X86:
        tree.lines("proc/mtrr", spec.get("mtrr", ["reg00: base=0x080000000 ( 2048MB), size= 2048MB, count=1: uncachable"]))
    if "pat_memtype_list" in spec:
        tree.lines("sys/kernel/debug/x86/pat_memtype_list", ["PAT memtype list:"] + spec["pat_memtype_list"])


def make_soc(tree, spec):
    for i, soc in enumerate(spec.get("soc", [])):
        for name, value in soc.items():
            tree.line("sys/devices/soc%d/%s" % (i, name), value)
        tree.link("sys/bus/soc/devices/soc%d" % i, "sys/devices/soc%d" % i)
        tree.link("sys/devices/soc%d/subsystem" % i, "sys/bus/soc")


def make_devicetree(tree, spec):
    if "dt" not in spec:
        return
    base = "sys/firmware/devicetree/base"
    tree.data(base + "/compatible", nul_list(spec["dt"]["compatible"]))
    tree.data(base + "/model", nul_list([spec["dt"].get("model", "unknown")]))
    for name, node in spec["dt"].get("nodes", {}).items():
        tree.data("%s/%s/compatible" % (base, name), nul_list(node["compatible"]))
    tree.link("proc/device-tree", base)


def make_firmware(tree, spec):
    segments = {split_address(address)[0] for address in spec["devices"]}
    tables = spec.get("acpi", {})
    if "FACP" in tables and "DSDT" not in tables:     # no firmware has the one without the other
        tables = dict(tables, DSDT=tables["FACP"])
    for signature, table in tables.items():
        tree.data("sys/firmware/acpi/tables/" + signature, firmware.acpi_table(signature, table, segments))
    if "dmi" in spec:
        for name, value in spec["dmi"].items():
            tree.line("sys/devices/virtual/dmi/id/" + name, value)
        tree.link("sys/class/dmi/id", "sys/devices/virtual/dmi/id")
    if "smbios" in spec:
        raw = firmware.smbios_tables(spec["smbios"])
        tree.data("sys/firmware/dmi/tables/DMI", raw)
        tree.data("sys/firmware/dmi/tables/smbios_entry_point", firmware.smbios_entry_point(len(raw)))
    if "hypervisor_type" in spec:
        tree.line("sys/hypervisor/type", spec["hypervisor_type"])


def iomem_rows(spec):
    """(depth, first, last, name) of every region, as the resource tree nests them."""
    devices, rows = spec["devices"], []
    windows = windows_of(devices)
    for address in sorted(devices):
        device, depth = devices[address], len(chain(devices, address))
        for kind in sorted(windows.get(address, {})):
            rows.append((depth, *windows[address][kind], "PCI Bus %04x:%02x" % (split_address(address)[0], device["port"]["buses"][0])))
        for index, bar in bars_of(device).items():
            if not bar.io:
                rows.append((depth, bar.base, bar.base + bar.size - 1, address))
                claim = device.get("claims", {}).get(str(index))
                if claim:
                    rows.append((depth + 1, bar.base, bar.base + bar.size - 1, claim))
    return rows


def make_iomem(tree, spec):
    rows = [(0, 0x1000, 0x9ffff, "System RAM"), (0, 0x100000, 0x7fffffff, "System RAM")]
    devices, buses = spec["devices"], {}
    for depth, first, last, name in iomem_rows(spec):
        rows.append((depth, first, last, name))
    for address in devices:
        for bar in memory_of(devices[address]):
            bar.pref = False                                        # one window a root bus below 4 GiB, one above
            widen(buses.setdefault((root_bus(devices, address), bar.base >> 32 != 0), {}), bar)
    for (bus, _), windows in buses.items():
        rows.append((0, *windows["mem"], "PCI Bus " + bus))
    rows.sort(key=lambda row: (row[1], row[0], -row[2]))
    tree.lines("proc/iomem", ["%s%08x-%08x : %s" % ("  " * depth, first, last, name) for depth, first, last, name in rows])


def make_root(spec, top):
    tree = Tree(top)
    make_pci(tree, spec)
    make_kernel(tree, spec)
    make_cpus(tree, spec)
    make_soc(tree, spec)
    make_devicetree(tree, spec)
    make_firmware(tree, spec)
    make_iomem(tree, spec)
    return tree


# --- a large machine, for comparing speed --------------------------------------

def endpoint(i, base):
    """The i-th endpoint: four kinds in turn, with mixed BARs."""
    mem, pref = 0x80000000 + base * 0x100000, 0x100000000000 + base * 0x10000000
    kinds = (
        {"id": "15b3:101d", "class": "020000", "driver": "mlx5_core", "bars": {"0": "mem64-pref %#x 32M" % pref},
         "msix": {"count": 64, "bar": 0, "table": "0x2000", "pba": "0x3000"}},
        {"id": "144d:a80a", "class": "010802", "driver": "nvme", "bars": {"0": "mem64 %#x 16K" % mem},
         "msix": {"count": 33, "bar": 0, "table": "0x3000", "pba": "0x2000"}},
        {"id": "8086:1521", "class": "020000", "driver": "igb", "bars": {"0": "mem32 %#x 512K" % mem, "2": "io 0xe000 32",
         "3": "mem32 %#x 16K" % (mem + 0x80000)}, "msix": {"count": 10, "bar": 3, "table": "0x0", "pba": "0x2000"}},
        {"id": "10de:20b0", "class": "030200", "driver": "vfio-pci", "bars": {"0": "mem32 %#x 1M" % mem, "1": "mem64-pref %#x 128M" % pref,
         "3": "mem64-pref %#x 32M" % (pref + 0x8000000)}})
    device = dict(kinds[i % len(kinds)], revision=i % 7, subsystem="1028:%04x" % (0x1000 + i % 4096), iommu_group=i, aer=True)
    device["pcie"] = {"type": "endpoint", "speed": "8.0", "width": 8, "mps": 256, "flr": True}
    return device


def many_devices(count):
    """Domains of at most 120 root ports, each port with one to three functions below it."""
    devices, domain, port, made = {}, 0, 0, 0
    while made < count:
        if port % 120 == 0:
            domain, port = domain + (1 if made else 0), 0
            devices["%04x:00:00.0" % domain] = {"id": "8086:09a2", "class": "088000", "bars": {}}
            made += 1
        slot, bus = port % 31 + 1, port + 1
        address = "%04x:00:%02x.%d" % (domain, slot, port // 31)
        devices[address] = {"id": "8086:352a", "class": "060400", "revision": 4, "port": {"buses": [bus, bus]}, "aer": True, "acs": True,
                            "multifunction": True, "pcie": {"type": "root", "speed": "8.0", "width": 8, "mps": 256}}
        made, port = made + 1, port + 1
        for function in range(min(port % 3 + 1, max(count - made, 0))):
            devices["%04x:%02x:00.%d" % (domain, bus, function)] = endpoint(made, made)
            made += 1
    return devices


def many(count):
    return {"arch": "x86_64", "release": "6.12.48+deb13-amd64", "devices": many_devices(count),
            "cpus": [{"count": 8, "vendor": "GenuineIntel", "family": 6, "model": 143, "stepping": 8, "name": "Intel(R) Xeon(R) Gold"}],
            "acpi": {"MCFG": {"oem_id": "DELL  ", "oem_table_id": "PE_SC3  "}, "FACP": {"oem_id": "DELL  ", "oem_table_id": "PE_SC3  "}},
            "dmi": {"sys_vendor": "Dell Inc.", "product_name": "PowerEdge R760"}}


def main(arguments):
    if len(arguments) == 3 and arguments[0] == "--many":
        make_root(many(int(arguments[1])), arguments[2])
        return 0
    if len(arguments) < 2 or arguments[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    for path in arguments[:-1]:
        name = os.path.splitext(os.path.basename(path))[0]
        make_root(load(path), os.path.join(arguments[-1], name))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
