"""Small files, valid and invalid, that no writer makes: each tries a sentence of docs/format.md.

This module writes them with code of its own, so that a mistake in the reader is not repeated here.
"""

import struct
import typing

import brotli
import cramjam
from highway_hash import highway_hash

try:
    from compression import zstd
except ImportError:  # before Python 3.14
    from backports import zstd

REFUSED = None


class Crafted(typing.NamedTuple):
    """A file, and its records or REFUSED."""

    name: str
    data: bytes
    records: list | None


# Files


def varint(value):
    groups = []
    while value > 127:
        groups.append(value % 128 + 128)
        value //= 128
    return bytes([*groups, value])


def hashed(fields):
    return struct.pack("<Q", highway_hash(fields)) + fields


class Layout:
    """A file to which chunks are added, with block headers where they belong."""

    def __init__(self):
        self.file = bytearray()

    def add(self, chunk_type, data, num_records=0, decoded_data_size=0, fill=b"\0", data_hash=None):
        data_hash = highway_hash(data) if data_hash is None else data_hash
        header = hashed(
            struct.pack("<QQ", len(data), data_hash)
            + chunk_type.encode()
            + num_records.to_bytes(7, "little")
            + struct.pack("<Q", decoded_data_size)
        )
        begin = len(self.file)
        payload, positions = header + data, []
        for at in range(len(payload)):
            if len(self.file) % 65536 == 0:
                positions.append(len(self.file))
                self.file += bytes(24)
            self.file.append(payload[at])
        # The end: a byte for each record, and not at offsets 1 to 24 of a block.
        while len(self.file) < begin + num_records or 1 <= len(self.file) % 65536 <= 24:
            if len(self.file) % 65536 == 0:
                positions.append(len(self.file))
            self.file += fill
        for at in positions:
            distances = struct.pack("<QQ", at - begin, len(self.file) - at)
            self.file[at : at + 24] = hashed(distances)
        return self

    def pad(self):
        """Adds a padding chunk up to the next block."""
        end = (len(self.file) // 65536 + 1) * 65536
        inside = 24 if len(self.file) % 65536 == 0 else 0
        return self.add("p", bytes(end - len(self.file) - inside - 40))

    def simple(self, *records):
        sizes = b"".join(varint(len(record)) for record in records)
        data = b"\0" + varint(len(sizes)) + sizes + b"".join(records)
        return self.add("r", data, len(records), sum(map(len, records)))


def start():
    return Layout().add("s", b"")


def file_of(*arguments, **options):
    """A file with one chunk after the signature."""
    return bytes(start().add(*arguments, **options).file)


# Sections "Varints", "Chunk", "File metadata", "Padding chunk"


def chunks():
    yield Crafted("no bytes", b"", [])
    yield Crafted("signature only", bytes(start().file), [])
    yield Crafted("torn signature", bytes(start().file[:50]), REFUSED)
    yield Crafted("redundant group", file_of("r", b"\0\x81\0\x01a", 1, 1), [b"a"])
    yield Crafted(
        "9 redundant groups", file_of("r", b"\0\x81" + b"\x80" * 8 + b"\0\x01a", 1, 1), [b"a"]
    )
    yield Crafted(
        "10 redundant groups", file_of("r", b"\0\x81" + b"\x80" * 9 + b"\0\x01a", 1, 1), REFUSED
    )
    yield Crafted("unknown type with a record", file_of("x", b"\0\x01\x01a", 1, 1), REFUSED)
    yield Crafted("unknown type without records", file_of("x", b"a"), REFUSED)
    yield Crafted("wrong data hash", file_of("r", b"\0\x01\x01a", 1, 1, data_hash=7), REFUSED)

    two = start().simple(b"one").add("s", b"").simple(b"two")
    yield Crafted("signature inside a block", bytes(two.file), [b"one", b"two"])
    yield Crafted("signature with data", file_of("s", b"a"), REFUSED)
    inside = bytes(start().simple(b"one").file)
    yield Crafted("file inside a block", inside + inside, REFUSED)
    whole = start().simple(b"one").pad()
    yield Crafted("concatenated files", bytes(whole.file) + inside, [b"one", b"one"])

    odd = start().simple(b"one").add("m", b"not metadata").simple(b"two")
    yield Crafted("metadata after records", bytes(odd.file), [b"one", b"two"])
    yield Crafted(
        "metadata with records", bytes(start().simple(b"one").add("m", b"", 1).file), REFUSED
    )

    padded = start().add("p", b"any bytes").simple(b"one")
    yield Crafted("padding of any bytes", bytes(padded.file), [b"one"])
    yield Crafted("padding with records", file_of("p", b"", 1), REFUSED)
    yield Crafted("padding with a size", file_of("p", b"", 0, 1), REFUSED)
    yield Crafted("padding with a wrong hash", file_of("p", b"a", data_hash=7), REFUSED)

    data = empty_records(2000)
    filled = start().add("r", data, 2000, fill=b"\xff").simple(b"one")
    yield Crafted("fill bytes that are not 0", bytes(filled.file), [b""] * 2000 + [b"one"])
    torn = file_of("r", data, 2000)
    yield Crafted("fill bytes that are missing", torn[: 64 + 40 + len(data)], [b""] * 2000)
    yield Crafted("data that are missing", torn[: 64 + 40 + len(data) - 1], REFUSED)
    for end in (65536, 65537, 65536 + 24, 65536 + 25, 70_000):
        count = end - 64
        several = start().add("r", empty_records(count), count).simple(b"one")
        name = f"records up to position {end}"
        yield Crafted(name, bytes(several.file), [b""] * count + [b"one"])


def empty_records(count):
    """The data of a chunk of empty records that are more than its bytes."""
    sizes = field("s", bytes(count))
    return b"s" + varint(len(sizes)) + sizes + field("s", b"")


# Section "Compressed fields"

COMPRESS = {
    "z": zstd.compress,
    "b": brotli.compress,
    "s": lambda data: bytes(cramjam.snappy.compress_raw(data)),
}


def field(codec, data):
    return varint(len(data)) + COMPRESS[codec](data)


def fields():
    yield Crafted("unknown compression", file_of("r", b"x\x01\x01a", 1, 1), REFUSED)
    for codec in "zbs":
        one = field(codec, b"\x01")
        head = codec.encode() + varint(len(one)) + one
        of_none = codec.encode() + varint(len(field(codec, b""))) + field(codec, b"")
        other = b"\x02" + one[1:]
        wrong = codec.encode() + varint(len(other)) + other + field(codec, b"a")
        yield Crafted(f"{codec}: sizes of another size", file_of("r", wrong, 1, 1), REFUSED)
        yield Crafted(f"{codec}: a field", file_of("r", head + field(codec, b"a"), 1, 1), [b"a"])
        yield Crafted(
            f"{codec}: bytes after it",
            file_of("r", head + field(codec, b"a") + b"\0", 1, 1),
            REFUSED,
        )
        yield Crafted(
            f"{codec}: another size",
            file_of("r", head + b"\x02" + field(codec, b"a")[1:], 1, 2),
            REFUSED,
        )
        yield Crafted(f"{codec}: no bytes", file_of("r", of_none + field(codec, b"")), [])
        yield Crafted(
            f"{codec}: size 0 without output", file_of("r", codec.encode() + b"\x01\0\0"), []
        )
        yield Crafted(f"{codec}: values of stored size 0", file_of("r", of_none), REFUSED)
        yield Crafted(
            f"{codec}: sizes of stored size 0",
            file_of("r", codec.encode() + b"\0" + field(codec, b"")),
            REFUSED,
        )
    frame = zstd.compress(b"a")
    unsized = zstd.ZstdCompressor(options={zstd.CompressionParameter.content_size_flag: 0})
    unsized = unsized.compress(b"a", zstd.ZstdCompressor.FLUSH_FRAME)
    skippable = b"\x50\x2a\x4d\x18\x01\0\0\0a"
    of_none = field("z", b"")
    data = b"z" + varint(len(of_none)) + of_none + b"\0" + skippable
    yield Crafted("a skippable frame for no bytes", file_of("r", data), REFUSED)
    for dialect, prefix in (("DISKY", b""), ("RIEGELI", b"\x01")):
        one = b"\x01" if dialect == "DISKY" else field("z", b"\x01")
        head = b"z" + varint(len(one)) + one + prefix
        yield Crafted(f"{dialect}: frame", file_of("r", head + frame, 1, 1), [b"a"])
        yield Crafted(f"{dialect}: frame without size", file_of("r", head + unsized, 1, 1), [b"a"])
        yield Crafted(
            f"{dialect}: two frames", file_of("r", head + frame + zstd.compress(b""), 1, 1), REFUSED
        )
        yield Crafted(
            f"{dialect}: skippable frame", file_of("r", head + skippable + frame, 1, 1), REFUSED
        )


# Section "Simple chunk"


def simple_chunks():
    yield Crafted("no records", file_of("r", b"\0\0"), [])
    yield Crafted("no data", file_of("r", b""), REFUSED)
    yield Crafted("no records with values", file_of("r", b"\0\0a", 0, 1), REFUSED)
    yield Crafted("no records of a size", file_of("r", b"\0\0", 0, 1), REFUSED)
    yield Crafted("a size too many", file_of("r", b"\0\x02\x01\0a", 1, 1), REFUSED)
    yield Crafted("a byte too many", file_of("r", b"\0\x01\x01ab", 1, 1), REFUSED)
    yield Crafted("a size too few", file_of("r", b"\0\x01\x01a", 2, 1), REFUSED)
    yield Crafted("another sum of sizes", file_of("r", b"\0\x01\x02a", 1, 1), REFUSED)


# Section "Transposed chunk"


class State(typing.NamedTuple):
    tag: int
    successor: int
    subtype: int | None = None
    buffer: int | None = None


def machine(states, buckets=(), buffers=(), initial=0, transitions=b"", more=b""):
    """The data of a chunk; `more` follows the lists of the header."""
    header = varint(len(buckets)) + varint(len(buffers))
    header += bytes(map(len, buckets)) + bytes(buffers) + varint(len(states))
    for values in zip(*states):
        header += bytes(value for value in values if value is not None)
    header += varint(initial) + more
    return b"\0" + varint(len(header)) + header + b"".join(buckets) + transitions


def transposed_chunks():
    def crafted(name, records, num_records, size, states, *arguments, **options):
        data = machine([State(*state) for state in states], *arguments, **options)
        return Crafted(f"transposed: {name}", file_of("t", data, num_records, size), records)

    varint_state = (8, 3, 1, 0)
    begin = (3, 0)
    message = ([varint_state, begin], [b"\x16\x01"], [2])
    one = b"\x08\x96\x01"
    yield crafted("a message", [one], 1, 3, *message)
    yield crafted("bytes after the header", REFUSED, 1, 3, *message, more=b"\0")
    yield crafted("two records", REFUSED, 2, 3, *message)
    yield crafted("another size", REFUSED, 1, 4, *message)
    yield crafted("no record", [], 0, 0, [(0, 0)])
    yield crafted("no record, bytes", REFUSED, 0, 3, [(8, 3, 1, 0), (0, 0)], [b"\x16\x01"], [2])
    yield crafted("no states", REFUSED, 0, 0, [])
    yield crafted("no initial state", REFUSED, 0, 0, [(0, 0)], initial=1)
    yield crafted("leads to itself", REFUSED, 0, 0, [(0, 1)])
    yield crafted("bytes of a buffer left", REFUSED, 1, 3, message[0], [b"\x16\x01\x05"], [3])
    yield crafted("bytes of a bucket left", REFUSED, 1, 3, message[0], [b"\x16\x01\x05"], [2])
    yield crafted("buffer over two buckets", REFUSED, 1, 3, message[0], [b"\x16", b"\x01"], [2])
    yield crafted("an empty buffer without a bucket", [], 0, 0, [(0, 0)], [], [0])
    yield crafted("an empty bucket", [one], 1, 3, message[0], [b"", b"\x16\x01"], [2])
    yield crafted(
        "not a record at the beginning",
        REFUSED,
        1,
        6,
        [begin, (8, 0, 1, 0)],
        [b"\x16\x01\x16\x01"],
        [4],
        1,
        b"\0\x04",
    )
    yield crafted("value in the state", [b"\x08\x7f"], 1, 2, [(8, 3, 137), begin])
    yield crafted("subtype 138", REFUSED, 1, 2, [(8, 3, 138), begin])
    yield crafted("tag 7", REFUSED, 1, 0, [(7, 3), begin])
    yield crafted("wire type 7", REFUSED, 1, 1, [(15, 3), begin])
    yield crafted("past the last state", REFUSED, 1, 0, [begin], transitions=b"\x04")
    # The count: the byte 3 allows three more steps to the state itself. They write 4 fields.
    yield crafted("count", [b"\x08\x01" * 4], 1, 8, [(8, 0, 11), begin], transitions=b"\x02\x04")
    # A submessage, field 2, with the field 1.
    yield crafted("submessage", [b"\x12\x02\x08\x01"], 1, 4, [(22, 5), (8, 6, 11), (2, 7), begin])
    yield crafted("submessage open at the end", REFUSED, 0, 0, [(22, 0)])
    yield crafted("submessage open at a record", REFUSED, 1, 0, [(22, 3), begin])
    across = [(22, 5), (3, 6), (2, 7), begin]
    yield crafted("submessage that begins in another record", REFUSED, 2, 2, across)
    yield crafted("submessage that has not ended", REFUSED, 1, 2, [(2, 3), begin])
    yield crafted("not a message", [b"ab"], 1, 2, [(1, 0, None, 0)], [b"ab", b"\x02"], [2, 1])
    yield crafted(
        "not a message in a submessage",
        REFUSED,
        1,
        4,
        [(22, 4), (1, 5, None, 0), (2, 0)],
        [b"ab", b"\x02"],
        [2, 1],
    )


# Section "Which chunks are the index"


def number(field_number, value):
    return varint(field_number * 8) + varint(value)


def text(field_number, value):
    return varint(field_number * 8 + 2) + varint(len(value)) + value


def footer(groups, version=1, options=b"group_size:1", more=0):
    """A footer that states `more` records than it lists."""
    total = sum(count for _, _, count in groups) + more
    inner = number(1, version) + number(2, len(groups)) + number(3, total) + text(4, options)
    entries = [number(1, at) + number(2, size) + number(3, n) for at, size, n in groups]
    return [text(1, inner), *entries]


def postscript(position):
    return [number(1, position) + number(2, 0x71930E704FDAE05E)] * 3


def index_files():
    group, listed = [b"one", b"two"], [(64, 6, 2)]
    before = start().simple(*group)
    at = len(before.file)

    def ending(records, stated=at):
        whole = start().simple(*group).simple(*records).pad().simple(*postscript(stated)).pad()
        return bytes(whole.file)

    array = ending(footer(listed))
    yield Crafted("ArrayRecord", array, group)
    yield Crafted("ArrayRecord of no groups", bytes(start().simple(*footer([])).file), [])
    other = footer([], options=b"other")
    yield Crafted(
        "a footer of no groups without options", bytes(start().simple(*other).file), other
    )
    yield Crafted("no postscript", array[:65536], group)
    yield Crafted(
        "no padding after the footer",
        bytes(start().simple(*group).simple(*footer(listed)).file),
        group,
    )
    yield Crafted("two ArrayRecords", array + array, group * 2)
    yield Crafted("a file after it", array + bytes(before.file), group * 2)
    yield Crafted(
        "a file before it", bytes(start().simple(b"0").pad().file) + array, [b"0", *group]
    )
    yield Crafted("footer of version 2", ending(footer(listed, version=2)), group)
    yield Crafted("footer with other totals", ending([*footer(listed), number(1, 70)]), group)
    yield Crafted("footer with other groups", ending(footer([(64, 7, 2)])), group)
    yield Crafted(
        "footer of version 0",
        ending(footer(listed, version=0)),
        [*group, *footer(listed, version=0)],
    )
    yield Crafted("postscript without a footer", ending([b"three"]), [*group, b"three"])
    yield Crafted("postscript of no chunk", ending(footer(listed), 65), group)
    unfinished = start().simple(*group).simple(*footer(listed)).pad()
    another = bytes(start().simple(*postscript(64)).simple(b"x").file)
    records = [*group, *postscript(64), b"x"]
    yield Crafted("postscript in the next file", bytes(unfinished.file) + another, records)
    number_7 = [number(1, at) + number(2, 7)]
    other = start().simple(*group).simple(*footer(listed)).pad().simple(*number_7).pad()
    yield Crafted("postscript with another number", bytes(other.file), [*group, *number_7])
    for name, records in (
        ("version 2", footer(listed, version=2)),
        ("other groups", footer([(64, 7, 2)])),
        ("a group less", footer([])),
        ("other totals", footer(listed, more=1)),
        ("another field", [footer(listed)[0] + number(2, 1), *footer(listed)[1:]]),
    ):
        lost = bytes(start().simple(*group).simple(*records).file)
        yield Crafted(f"no postscript, footer of {name}", lost, [*group, *records])
    lone = start().simple(*group).simple(*postscript(64)).simple(b"x")
    yield Crafted("postscript after no footer", bytes(lone.file), [*group, *postscript(64), b"x"])


def crafted_files():
    yield from chunks()
    yield from fields()
    yield from simple_chunks()
    yield from transposed_chunks()
    yield from index_files()
