"""Prints what a 64-bit Mach-O library is and needs, one fact a line:

    cpu NAME, needs LIBRARY, exports FUNCTION, signed, oldest-macos VERSION

    mach_o.py FILE
"""

import struct
import sys

MAGIC = 0xFEEDFACF
CPUS = {0x01000007: "x86_64", 0x0100000C: "arm64"}
SYMTAB, LOAD_DYLIB, CODE_SIGNATURE, BUILD_VERSION = 0x2, 0xC, 0x1D, 0x32
# Types of symbols: visible to other libraries, and defined in a section; and visible inside this library only.
EXTERNAL, IN_SECTION, PRIVATE = 0x1, 0xE, 0x10
TYPE = 0xE


def text_at(data, offset):
    return data[offset : data.index(b"\0", offset)].decode()


def exported(data, command):
    symbols, count, strings = struct.unpack_from("<3I", data, command + 8)
    for i in range(count):
        name, kind = struct.unpack_from("<IB", data, symbols + 16 * i)
        if kind & EXTERNAL and kind & TYPE == IN_SECTION and not kind & PRIVATE:
            yield text_at(data, strings + name).removeprefix("_")


def facts(data):
    magic, cpu, _, _, commands = struct.unpack_from("<5I", data)
    if magic != MAGIC:
        raise SystemExit("not a 64-bit Mach-O file")
    yield f"cpu {CPUS.get(cpu, cpu)}"
    at = 32
    for _ in range(commands):
        command, size = struct.unpack_from("<2I", data, at)
        if command == LOAD_DYLIB:
            yield "needs " + text_at(data, at + struct.unpack_from("<I", data, at + 8)[0])
        elif command == SYMTAB:
            yield from (f"exports {name}" for name in exported(data, at))
        elif command == CODE_SIGNATURE:
            yield "signed"
        elif command == BUILD_VERSION:
            version = struct.unpack_from("<I", data, at + 12)[0]
            yield f"oldest-macos {version >> 16}.{version >> 8 & 255}"
        at += size


with open(sys.argv[1], "rb") as file:
    print("\n".join(facts(file.read())))
