#!/usr/bin/env python3
# Knows which memory type a guest's CPU has for an address, by walking the page table that it uses at this moment.
# SPDX-License-Identifier: GPL-2.0-or-later
"""usage: pagetable.py SOCKET x86_64|aarch64 CPU ADDRESS

SOCKET is QEMU's gdbstub. Prints the type in the words of Linux's list (x86) or of the architecture (arm64), and ", large" behind that of
a page larger than 4096 bytes; or "not mapped".

x86: Intel SDM volume 3, 4.5 (paging) and 12.12 (PAT); which entry of the PAT is which type is Linux's choice
(arch/x86/mm/pat/memtype.c, pat_bp_init). arm64: Arm ARM D8.3 (descriptors), D24.2 MAIR_EL1, TCR_EL1."""
import re
import socket
import sys

LINUX_PAT = ('write-back', 'write-combining', 'uncached-minus', 'uncached', 'write-back', 'write-protected', 'uncached-minus', 'write-through')
MAIR = {0x00: 'device-nGnRnE', 0x04: 'device-nGnRE', 0x0c: 'device-GRE', 0x44: 'normal-nc', 0xff: 'normal', 0xbb: 'normal-wt'}
PAGE_SHIFT, LEVEL_BITS, WORD = 12, 9, 8


class Gdb:
    """The guest stands still from the first call to the last."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)
        self.socket.connect(path)
        self.file = self.socket.makefile('rwb', buffering=0)
        self.registers = {}

    def call(self, text):
        self.file.write(b'$%s#%02x' % (text.encode(), sum(text.encode()) % 256))
        while self.file.read(1) != b'$':                # acknowledgements
            pass
        answer = b''
        while not answer.endswith(b'#'):
            answer += self.file.read(1)
        self.file.read(2)
        self.file.write(b'+')
        return answer[:-1].decode('latin-1')

    def document(self, name):
        text, more = '', 'm'
        while more == 'm':
            part = self.call('qXfer:features:read:%s:%x,ffb' % (name, len(text)))
            more, text = part[0], text + part[1:]
        return re.sub('<!--.*?-->', '', text, flags=re.DOTALL)

    def learn_registers(self):
        """Their numbers: in order, over all documents, unless one says its own."""
        self.call('qSupported:xmlRegisters=i386')
        number = 0
        for name in re.findall(r'<xi:include href="([^"]+)"', self.document('target.xml')):
            for attributes in re.findall(r'<reg ([^>]*)>', self.document(name)):
                words = dict(re.findall(r'(\w+)="([^"]*)"', attributes))
                number = int(words.get('regnum', number))
                self.registers[words['name'].lower()] = number
                number += 1

    def register(self, name):
        return int.from_bytes(bytes.fromhex(self.call('p%x' % self.registers[name])), 'little')

    def word(self, address):
        """Of physical memory."""
        return int.from_bytes(bytes.fromhex(self.call('m%x,%x' % (address, WORD))), 'little')


def bits(value, high, low):
    return value >> low & (1 << high - low + 1) - 1


def walk(gdb, table, levels, address, is_last):
    """The entry that maps the address, and its level (1: a page); None where none does."""
    for level in range(levels, 0, -1):
        index = address >> PAGE_SHIFT + LEVEL_BITS * (level - 1) & (1 << LEVEL_BITS) - 1
        entry = gdb.word(table + WORD * index)
        if not entry & 1:
            return None
        if is_last(entry, level):
            return entry, level
        table = bits(entry, 47, PAGE_SHIFT) << PAGE_SHIFT
    return None


def size_of(level):
    return ', large' if level > 1 else ''


def x86_64(gdb, address):
    levels = 5 if bits(gdb.register('cr4'), 12, 12) else 4
    table = bits(gdb.register('cr3'), 47, PAGE_SHIFT) << PAGE_SHIFT
    found = walk(gdb, table, levels, address, lambda entry, level: level == 1 or bits(entry, 7, 7))
    if not found:
        return 'not mapped'
    entry, level = found
    pat = bits(entry, 7, 7) if level == 1 else bits(entry, 12, 12)
    return LINUX_PAT[pat << 2 | bits(entry, 4, 3)] + size_of(level)


def aarch64(gdb, address):
    size = 64 - bits(gdb.register('tcr_el1'), 5, 0)
    levels = -(-(size - PAGE_SHIFT) // LEVEL_BITS)
    table = bits(gdb.register('ttbr0_el1'), 47, 1) << 1
    found = walk(gdb, table, levels, address, lambda entry, level: level == 1 or not bits(entry, 1, 1))
    if not found:
        return 'not mapped'
    attribute = bits(gdb.register('mair_el1'), 63, 0) >> 8 * bits(found[0], 4, 2) & 0xff
    return MAIR.get(attribute, 'attribute 0x%02x' % attribute) + size_of(found[1])


def main(path, arch, cpu, address):
    gdb = Gdb(path)
    try:
        gdb.learn_registers()
        gdb.call('Hg%x' % (int(cpu) + 1))
        gdb.call('Qqemu.PhyMemMode:1')
        print({'x86_64': x86_64, 'aarch64': aarch64}[arch](gdb, int(address, 0)))
    finally:
        gdb.call('D')                                   # it runs on


main(*sys.argv[1:])
