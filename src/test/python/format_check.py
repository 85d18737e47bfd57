"""Checks docs/format.md with the reader that is written from it (record_file.py).

    format_check.py DISKY DIRECTORY

DISKY is the command line, DIRECTORY takes files. The reader must read the files of other writers,
the example of the page, and files of DISKY, and agree with DISKY about small files that try single
sentences of the page. Prints what differs; exit status 1 if anything does. scripts/check-format
runs it.
"""

import pathlib
import random
import struct
import subprocess
import sys
import typing

from crafted_files import REFUSED, crafted_files, text
from failures import Failures
from highway_hash import WORDS, highway_hash
from record_file import digest, read_file
from varints import Refused

SEED = 2210
ROOT = pathlib.Path(__file__).resolve().parents[3]
GOLDEN = ROOT / "src/test/resources/golden"
PAGE = ROOT / "docs/format.md"


def read(data, name, failures):
    """The contents of the file; None if the reader refuses it."""
    try:
        return read_file(data)
    except Refused as e:
        failures.check(False, f"{name}: refused: {e}")
        return None


# The hash


# Test vectors of google/highwayhash: the hashes of the bytes 0, 1, 2 and so on.
VECTORS = {
    0: 0x907A56DE22C26E53,
    1: 0x7EAB43AAC7CDDD78,
    2: 0xB8D0569AB0B53D62,
    19: 0x75D9518E2371C504,
    31: 0x9FC7007CCF035A68,
    32: 0xA0C964D9ECD580FC,
    33: 0x2C90F73CA03181FC,
}


def check_hash(failures):
    key = WORDS.unpack(bytes(range(32)))
    for size, expected in VECTORS.items():
        actual = highway_hash(bytes(range(size)), key)
        failures.check(actual == expected, f"hash of {size} bytes: {actual:016X}")


# Files of other writers


def check_golden_files(failures):
    for line in (GOLDEN / "manifest.tsv").read_text().splitlines():
        name, _, _, count, size, expected, _ = line.split("\t")
        path = GOLDEN / name
        files = sorted(path.iterdir()) if path.is_dir() else [path]
        contents = [read(file.read_bytes(), file, failures) for file in files]
        if None in contents:
            continue
        records = [record for content in contents for record in content.records]
        if path.is_dir():
            records.sort()
        actual = digest(records)
        failures.check(actual == (expected, int(count), int(size)), f"{name}: {actual}")
        if name.startswith("riegeli/lines."):
            comment = text(1, b"golden lines")[2:]
            metadata = contents[0].metadata
            failures.check(metadata and comment in metadata, f"{name}: metadata {metadata}")


# Small files, and the example of the page


def example_of_the_page():
    """The hexadecimal bytes in the section "Example"."""
    section = PAGE.read_text().split("## Example\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("    ")]
    return bytes.fromhex("".join(lines))


def small_files():
    """Names, bytes, and the records or REFUSED."""
    yield "the example of the page", example_of_the_page(), [b"abc", b"d", b"\x08\x96\x01"]
    for file in crafted_files():
        yield file.name, file.data, file.records


def records_or_refused(data):
    try:
        return read_file(data).records
    except Refused:
        return REFUSED


def check_small_files(disky, directory, failures):
    """Both readers return the records, or both refuse the file."""
    expected = {}
    for number, (name, data, records) in enumerate(small_files()):
        path = directory / f"small-{number}"
        path.write_bytes(data)
        expected[str(path)] = name, records
        actual = records_or_refused(data)
        failures.check(actual == records, f"{name}: the Python reader returns {actual}")
    result = subprocess.run(
        [disky, "digest", *expected], check=False, capture_output=True, text=True
    )
    digests = dict(reversed(line.split("  ", 1)) for line in result.stdout.splitlines())
    found = {}
    for counts_and_path, sha256 in digests.items():
        count, size, path = counts_and_path.split(" ", 2)
        found[path] = sha256, int(count), int(size)
    for path, (name, records) in expected.items():
        wanted = None if records is REFUSED else digest(records)
        actual = found.get(path)
        failures.check(actual == wanted, f"{name}: disky returns {actual}, not {wanted}")
    return len(expected)


# Files of DISKY


class Written(typing.NamedTuple):
    """A file that DISKY writes with `options`."""

    name: str
    records: list
    options: list


def message(number):
    """A protocol buffer message with fields of every wire type, submessages and a group."""
    inner = bytes([8, number % 5]) + b"\x11" + struct.pack("<d", number)
    return (
        b"\x08" + bytes([number % 128])
        + text(2, b"record %d" % number)
        + text(3, inner + text(4, inner))
        + b"\x2b" + b"\x35" + struct.pack("<f", number / 7) + b"\x2c"
        + b"\x38\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"
    )  # fmt: skip


def written_files(rng):
    mixed = [rng.randbytes(rng.choice((0, 1, 40, 127, 128, 300))) for _ in range(100)]
    records = mixed + [message(number) for number in range(150)] + [b""] * 10
    large = [rng.randbytes(size) for size in (1000, 70_000, 5, 200_000, 0, 3)]
    small = ["--chunk-size=9000"]
    yield Written("disky-none", records, ["--compression=none", *small])
    yield Written("disky-zstd", records, ["--compression=zstd:-5", *small])
    yield Written("disky-none-large", large, ["--compression=none", *small])
    yield Written("disky-zstd-large", large, ["--compression=zstd", *small])
    codecs = {
        "none": [],
        "zstd": ["--window-log=12"],
        "brotli": ["--window-log=24"],
        "snappy": [],
    }
    for codec, more in codecs.items():
        options = [f"--compression={codec}", *more]
        riegeli = ["--dialect=riegeli", *options, *small, "--file-comment=a comment"]
        array = ["--container=array_record", *options]
        yield Written(f"riegeli-{codec}", records, [*riegeli, "--padding=4096"])
        transposed = [*riegeli, "--transpose", "--bucket-fraction=0.3", "--padding=65536"]
        yield Written(f"riegeli-{codec}-transposed", records, transposed)
        yield Written(f"array-record-{codec}", records, [*array, "--group-size=7"])
    yield Written("array-record-transposed", records, [*array, "--transpose", "--group-size=64"])
    yield Written("array-record-padded", records[:9], [*array, "--padding=65536", "--group-size=3"])
    yield Written("array-record-empty", [], array)
    yield Written("riegeli-empty", [], riegeli)
    yield Written(
        "riegeli-empty-records", [b""] * 3000, ["--dialect=riegeli", "--compression=zstd"]
    )


def write(disky, file, directory):
    prefixed = directory / "records"
    prefixed.write_bytes(b"".join(struct.pack("<I", len(r)) + r for r in file.records))
    path = directory / file.name
    command = [disky, "write", path, "--length-prefixed", prefixed]
    subprocess.run([*command, *file.options], check=True)
    return path.read_bytes()


def check_contents(name, data, records, metadata, failures):
    contents = read(data, name, failures)
    if contents is not None:
        failures.check(contents.records == records, f"{name}: the records differ")
        failures.check(contents.metadata == metadata, f"{name}: metadata {contents.metadata}")


def check_written_files(disky, directory, failures):
    written = {}
    for file in written_files(random.Random(SEED)):
        data = write(disky, file, directory)
        has_comment = "--file-comment=a comment" in file.options
        metadata = text(1, b"a comment") if has_comment else None
        check_contents(file.name, data, file.records, metadata, failures)
        written[file.name] = data, file.records, metadata
    for names in (
        ("riegeli-zstd-transposed", "array-record-zstd", "array-record-transposed"),
        ("array-record-padded", "disky-zstd"),
    ):
        parts = [written[name] for name in names]
        data = b"".join(data for data, _, _ in parts)
        records = [record for _, part, _ in parts for record in part]
        check_contents(" + ".join(names), data, records, parts[0][2], failures)
    return len(written)


def main(disky, directory):
    failures = Failures()
    print(f"seed {SEED}")
    check_hash(failures)
    print("a reader written from docs/format.md reads the files of other writers")
    check_golden_files(failures)
    count = check_small_files(disky, directory, failures)
    print(f"it agrees with disky about {count} small files")
    count = check_written_files(disky, directory, failures)
    print(f"it reads {count} files that disky writes")
    print("FAILED" if failures.count else "all equal")
    return min(failures.count, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], pathlib.Path(sys.argv[2])))
