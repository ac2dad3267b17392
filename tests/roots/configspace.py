# SPDX-License-Identifier: GPL-2.0-or-later
"""Knows how a PCI function's configuration space is laid out, and builds its bytes from a spec."""
import struct

# PCI Express Base Specification, "Device/Port Type" of the PCI Express Capabilities register.
PORT_TYPES = {"endpoint": 0, "legacy": 1, "root": 4, "upstream": 5, "downstream": 6, "to-pci": 7, "from-pci": 8,
              "integrated": 9, "event-collector": 10}
SPEEDS = {"2.5": 1, "5.0": 2, "8.0": 3, "16.0": 4, "32.0": 5, "64.0": 6}
MPS = {128: 0, 256: 1, 512: 2, 1024: 3, 2048: 4, 4096: 5}
LINKLESS = ("integrated", "event-collector")

CAP_PM, CAP_MSIX, CAP_PCIE = 0x01, 0x11, 0x10
EXT_AER, EXT_SRIOV, EXT_ACS, EXT_DPC = 0x0001, 0x0010, 0x000d, 0x001d


def number(value):
    """An integer, or a text such as "0x40" or "16M"."""
    if isinstance(value, int):
        return value
    units = {"K": 10, "M": 20, "G": 30, "T": 40}
    if value[-1] in units:
        return int(value[:-1], 0) << units[value[-1]]
    return int(value, 0)


class Bar:
    """One base address register: "mem64-pref 0x800000000 16M"; kinds mem32 mem32-pref mem64 mem64-pref io."""

    def __init__(self, text):
        self.kind, base, size = text.split()
        self.base, self.size = number(base), number(size)
        if self.kind not in ("mem32", "mem32-pref", "mem64", "mem64-pref", "io"):
            raise ValueError("BAR kind %r" % self.kind)
        if self.size & (self.size - 1) or self.base & (self.size - 1):
            raise ValueError("BAR %r: size is no power of two, or base is not aligned to it" % text)
        self.io = self.kind == "io"
        self.pref = self.kind.endswith("-pref")
        self.wide = self.kind.startswith("mem64")

    def low_bits(self):
        return 1 if self.io else (0x4 if self.wide else 0) | (0x8 if self.pref else 0)

    def linux_flags(self):
        """As decode_bar() and __pci_read_base() in drivers/pci/probe.c compute them."""
        if self.io:
            return 0x100 | self.low_bits() | 0x40000
        return 0x200 | self.low_bits() | 0x40000 | (0x2000 if self.pref else 0) | (0x100000 if self.wide else 0)


def bars_of(device):
    return {int(index): Bar(text) for index, text in device.get("bars", {}).items()}


class Space:
    """Bytes with little-endian stores."""

    def __init__(self, size):
        self.bytes = bytearray(size)

    def put(self, offset, width, value):
        self.bytes[offset:offset + width] = struct.pack({1: "<B", 2: "<H", 4: "<I"}[width], value)


def put_bars(space, base, bars):
    for index, bar in bars.items():
        value = bar.base | bar.low_bits()
        space.put(base + 4 * index, 4, value & 0xffffffff)
        if bar.wide:
            space.put(base + 4 * index + 4, 4, value >> 32)


def put_window(space, kind, window):
    """A bridge's window; the same register values as a closed one when it has none."""
    first, last = window if window else (0xfff00000, 0xfffff)
    offset = {"mem": 0x20, "pref": 0x24}[kind]
    bits = 1 if kind == "pref" else 0
    space.put(offset, 2, (first >> 16) & 0xfff0 | bits)
    space.put(offset + 2, 2, (last >> 16) & 0xfff0 | bits)
    if kind == "pref" and window:
        space.put(0x28, 4, first >> 32)
        space.put(0x2c, 4, last >> 32)


def put_bridge(space, port, windows):
    first, last = port["buses"]
    space.put(0x18, 1, port["primary"])
    space.put(0x19, 1, first)
    space.put(0x1a, 1, last)
    space.put(0x1c, 2, 0x01f1)                    # I/O window closed: base above limit
    put_window(space, "mem", windows.get("mem"))
    put_window(space, "pref", windows.get("pref"))
    space.put(0x3e, 2, 0x0002)                    # bridge control: SERR forwarded


def put_pcie(space, at, pcie):
    """The PCI Express capability, version 2, 0x3c bytes."""
    kind = pcie["type"]
    mps = number(pcie.get("mps", 128))
    supported = number(pcie.get("mps_supported", max(mps, 256)))
    slot = 0x100 if kind in ("root", "downstream") else 0
    space.put(at + 2, 2, 2 | PORT_TYPES[kind] << 4 | slot)
    space.put(at + 4, 4, 0x8000 | MPS[supported] | (1 << 28 if pcie.get("flr") else 0))
    space.put(at + 8, 2, 0x200f | MPS[mps] << 5)
    space.put(at + 0xa, 2, number(pcie.get("device_status", 0)))
    if kind in LINKLESS:
        return
    speed, width = pcie.get("speed", "8.0"), pcie.get("width", 4)
    max_speed, max_width = pcie.get("max_speed", speed), pcie.get("max_width", width)
    space.put(at + 0xc, 4, SPEEDS[max_speed] | max_width << 4 | (1 << 20 if slot else 0))
    space.put(at + 0x10, 2, number(pcie.get("link_control", 0)))
    space.put(at + 0x12, 2, SPEEDS[speed] | width << 4 | (0x2000 if slot else 0))
    space.put(at + 0x2c, 4, ((1 << SPEEDS[max_speed]) - 1) << 1)
    space.put(at + 0x30, 2, SPEEDS[max_speed])


def put_msix(space, at, msix):
    space.put(at + 2, 2, msix["count"] - 1)
    space.put(at + 4, 4, number(msix.get("table", 0)) | msix["bar"])
    space.put(at + 8, 4, number(msix.get("pba", "0x800")) | msix.get("pba_bar", msix["bar"]))


def put_pm(space, at, _):
    space.put(at + 2, 2, 0x0003)                  # version 3, D0 and D3 only
    space.put(at + 4, 2, 0x0008)                  # D0, no soft reset


def capabilities(device):
    """What to put where in the first 256 bytes: (id, length, writer, argument)."""
    caps = []
    if device.get("pm", "pcie" in device):
        caps.append((CAP_PM, 8, put_pm, None))
    if "msix" in device:
        caps.append((CAP_MSIX, 12, put_msix, device["msix"]))
    if "pcie" in device:
        caps.append((CAP_PCIE, 0x3c, put_pcie, device["pcie"]))
    return caps


def put_capabilities(space, device):
    caps = capabilities(device)
    if not caps:
        return
    at, link = 0x40, 0x34
    for ident, length, writer, argument in caps:
        space.put(link, 1, at)
        space.put(at, 1, ident)
        writer(space, at, argument)
        link, at = at + 1, (at + length + 3) & ~3


def put_aer(space, at, aer):
    aer = aer if isinstance(aer, dict) else {}
    for offset, name, normal in ((0x4, "uncorrectable", 0), (0x8, "uncorrectable_mask", 0), (0xc, "severity", 0x462030),
                                 (0x10, "correctable", 0), (0x14, "correctable_mask", 0x2000), (0x2c, "root_command", 7),
                                 (0x30, "root_status", 0)):
        space.put(at + offset, 4, number(aer.get(name, normal)))


def put_acs(space, at, acs):
    acs = acs if isinstance(acs, dict) else {}
    space.put(at + 4, 2, number(acs.get("capability", 0x1f)))
    space.put(at + 6, 2, number(acs.get("control", 0x1d)))


def put_dpc(space, at, dpc):
    dpc = dpc if isinstance(dpc, dict) else {}
    space.put(at + 4, 2, number(dpc.get("capability", 0x0)))
    space.put(at + 6, 2, number(dpc.get("control", 0x0)))
    space.put(at + 8, 2, number(dpc.get("status", 0x1f00)))


def put_sriov(space, at, sriov):
    space.put(at + 8, 2, number(sriov.get("control", 0)))
    space.put(at + 0xc, 2, sriov["total"])
    space.put(at + 0xe, 2, sriov["total"])
    space.put(at + 0x10, 2, sriov.get("vfs", 0))
    space.put(at + 0x14, 2, sriov.get("offset", 1))
    space.put(at + 0x16, 2, sriov.get("stride", 1))
    space.put(at + 0x1a, 2, int(sriov["device"], 16))
    space.put(at + 0x1c, 4, 0x553)
    space.put(at + 0x20, 4, 1)
    put_bars(space, at + 0x24, bars_of(sriov))


def put_extended(space, device):
    """The extended capability list from 0x100 on."""
    table = (("aer", EXT_AER, 0x48, put_aer), ("acs", EXT_ACS, 0x8, put_acs), ("dpc", EXT_DPC, 0x30, put_dpc),
             ("sriov", EXT_SRIOV, 0x40, put_sriov))
    present = [row for row in table if device.get(row[0])]
    at = 0x100
    for i, (name, ident, length, writer) in enumerate(present):
        following = at + length if i + 1 < len(present) else 0
        space.put(at, 4, ident | 1 << 16 | following << 20)
        writer(space, at, device[name])
        at += length


def header(device):
    vendor, ident = (int(x, 16) for x in device["id"].split(":"))
    return (0xffff, 0xffff) if "physfn" in device else (vendor, ident)   # a VF reads all-ones there


def default_command(device):
    if "command" in device:
        return number(device["command"])
    if "physfn" in device:
        return 0x4
    bars = bars_of(device).values()
    command = (1 if any(b.io for b in bars) else 0) | (2 if any(not b.io for b in bars) else 0)
    return command | (0x507 if "port" in device else 0) | (0x4 if device.get("driver") else 0)


def config_size(device):
    return device.get("config", 4096 if "pcie" in device else 256)


def build(device, windows):
    """The configuration space of `device`, windows: {"mem": (first, last), "pref": ...} of a bridge."""
    space = Space(4096)
    vendor, ident = header(device)
    klass = int(device["class"], 16)
    space.put(0, 2, vendor)
    space.put(2, 2, ident)
    space.put(4, 2, default_command(device))
    space.put(6, 2, number(device.get("status", 0x10 if capabilities(device) else 0)))
    space.put(8, 1, number(device.get("revision", 0)))
    space.put(9, 1, klass & 0xff)
    space.put(0xa, 2, klass >> 8)
    space.put(0xe, 1, (1 if "port" in device else 0) | (0x80 if device.get("multifunction") else 0))
    if "physfn" not in device:
        put_bars(space, 0x10, bars_of(device))
    if "port" in device:
        put_bridge(space, device["port"], windows)
    elif "subsystem" in device:
        space.put(0x2c, 2, int(device["subsystem"].split(":")[0], 16))
        space.put(0x2e, 2, int(device["subsystem"].split(":")[1], 16))
    if "rom" in device and "port" not in device:
        space.put(0x30, 4, number(device["rom"].split()[0]))     # address, decoding off
    put_capabilities(space, device)
    put_extended(space, device)
    return bytes(space.bytes[:config_size(device)])
