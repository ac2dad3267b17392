# SPDX-License-Identifier: GPL-2.0-or-later
"""Knows how ACPI table headers and SMBIOS structures are laid out, and builds their bytes from a spec."""
import struct


def text(value, size):
    """A fixed-size text exactly as the spec gives it; the rest is NUL."""
    raw = value.encode("latin-1")
    if len(raw) > size:
        raise ValueError("%r is longer than %d bytes" % (value, size))
    return raw.ljust(size, b"\0")


def acpi_table(signature, spec, segments=(0,)):
    """An ACPI system description table: the 36-byte header (ACPI 6.5, 5.2.6) and a body of the right length."""
    strings = b"".join(b"\x0d" + name.encode() + b"\0" for name in spec.get("properties", []))
    body = {"MCFG": lambda: mcfg_body(segments), "FACP": lambda: bytes(276 - 36), "DSDT": lambda: bytes(12) + strings}.get(signature, lambda: bytes(12))()
    revision = {"MCFG": 1, "FACP": 6}.get(signature, 1)
    head = struct.pack("<4sIBB", signature.encode(), 36 + len(body), revision, 0)
    head += text(spec["oem_id"], 6) + text(spec["oem_table_id"], 8)
    head += struct.pack("<I4sI", spec.get("oem_revision", 1), b"PCWC", 1)
    table = bytearray(head + body)
    table[9] = -sum(table) & 0xff
    return bytes(table)


def mcfg_body(segments):
    """8 reserved bytes and one 16-byte allocation a segment (PCI Firmware Specification 3.3, 4.1.2)."""
    body = bytes(8)
    for number, segment in enumerate(sorted(segments)):
        body += struct.pack("<QHBBI", 0xe0000000 + (number << 28), segment, 0, 0xff, 0)
    return body


def smbios_structure(kind, handle, formatted, strings):
    head = struct.pack("<BBH", kind, 4 + len(formatted), handle)
    tail = b"".join(s.encode() + b"\0" for s in strings) or b"\0"
    return head + formatted + tail + b"\0"


def smbios_processor(spec):
    """Type 4 (SMBIOS 3.6, 7.5), 0x30 bytes: ID at 0x08 (8 bytes), version string number at 0x10."""
    formatted = bytearray(0x30 - 4)
    formatted[0x04 - 4] = 1                                  # socket designation: string 1
    formatted[0x05 - 4] = 3                                  # central processor
    formatted[0x06 - 4] = 0xfe                               # family: see family 2
    formatted[0x07 - 4] = 2                                  # manufacturer: string 2
    struct.pack_into("<Q", formatted, 0x08 - 4, int(spec.get("processor_id", "0"), 0))
    formatted[0x10 - 4] = 3                                  # version: string 3
    formatted[0x18 - 4] = 0x41 if spec else 0                # populated, enabled; {} is an empty socket
    struct.pack_into("<H", formatted, 0x28 - 4, 0x101)       # family 2: ARMv8
    strings = ["CPU 0", spec.get("manufacturer", "none"), spec.get("processor_version", "none")]
    return smbios_structure(4, 4, bytes(formatted), strings)


def smbios_tables(spec):
    """`spec`: one processor, or a list."""
    processors = spec if isinstance(spec, list) else [spec]
    return b"".join(smbios_processor(processor) for processor in processors) + smbios_structure(127, 127, b"", [])


def smbios_entry_point(length):
    """The 64-bit entry point, 24 bytes (SMBIOS 3.6, 5.2.2)."""
    entry = bytearray(struct.pack("<5sBBBBBBBIQ", b"_SM3_", 0, 24, 3, 6, 0, 1, 0, length, 0x1000))
    entry[5] = -sum(entry) & 0xff
    return bytes(entry)
