"""Checks ArrayRecord files both ways against Google's array_record.

    array_record_check.py DISKY DIRECTORY

DISKY is the command line, DIRECTORY takes the files. Prints what differs; exit status 1 if
anything does. scripts/check-array-record runs it.
"""

import faulthandler
import hashlib
import pathlib
import random
import re
import struct
import subprocess
import sys
import typing
import zlib

from absl import logging
from array_record.python import array_record_data_source, array_record_module

from failures import Failures

SEED = 1730

READER_OPTIONS = (
    "",
    "readahead_buffer_size:0,max_parallelism:0",
    "readahead_buffer_size:0,index_storage_option:offloaded,footer_prefetch_bytes:0",
    "readahead_buffer_size:70000,max_parallelism:2",
)


class File(typing.NamedTuple):
    """A file to write: `options` are those of the command line, or of array_record's writer."""

    name: str
    records: list
    group_size: int
    options: object


# Records


def varint(value):
    groups = bytearray()
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    groups.append(value)
    return bytes(groups)


def message(number):
    """A protocol buffer message with fields of every wire type and a submessage."""
    text = f"record {number}".encode()
    inner = b"\x08" + varint(number * number)
    return (
        b"\x08" + varint(number)
        + b"\x11" + struct.pack("<d", number / 3)
        + b"\x1a" + varint(len(text)) + text
        + b"\x22" + varint(len(inner)) + inner
        + b"\x2d" + struct.pack("<f", number / 7)
    )  # fmt: skip


def mixed(rng, count):
    """Records that are no messages, among them empty ones, ones of a byte, and one of 100 KB."""
    sizes = [0, 1, 100_000] + [rng.choice((0, 1, 40, 127, 128, 300)) for _ in range(count - 3)]
    rng.shuffle(sizes)
    return [rng.randbytes(size) if size % 2 else bytes(size) for size in sizes]


def messages(count):
    return [message(number) for number in range(count)]


# What the command line writes


def written_files(rng):
    small = mixed(rng, 200) + messages(50)
    codecs = {
        "none": "none",
        "zstd": "zstd:3",
        "zstd-fast": "zstd:-5",
        "brotli": "brotli:6",
        "snappy": "snappy",
    }
    for group_size in (1, 3, 64, 1000, 10_000):
        yield File(f"groups-of-{group_size}", mixed(rng, 1100), group_size, ["--compression=zstd"])
    for name, codec in codecs.items():
        compression = [f"--compression={codec}"]
        yield File(f"simple-{name}", small, 7, compression)
        yield File(f"transposed-{name}", small, 64, compression + ["--transpose"])
    yield File("zstd-window", small, 64, ["--compression=zstd:3", "--window-log=12"])
    yield File("buckets", messages(500), 100, ["--transpose", "--bucket-fraction=0.1"])
    yield File("no-record", [], 1, [])
    yield File("no-record-transposed", [], 64, ["--transpose"])
    yield File("an-empty-record", [b""], 1, [])
    yield File("empty-records", [b""] * 3000, 1000, ["--compression=none"])
    yield File("last-group-full", messages(128), 64, [])
    yield File("over-blocks", [rng.randbytes(100_000) for _ in range(25)], 10, [])
    yield File("padded", small, 3, ["--final-padding=65536"])
    yield File("file-comment", small, 3, ["--file-comment=a comment"])


def write(disky, file, directory):
    prefixed = directory / "records"
    prefixed.write_bytes(b"".join(struct.pack("<I", len(r)) + r for r in file.records))
    path = directory / f"{file.name}.array_record"
    command = [disky, "write", path, "--length-prefixed", prefixed, "--container=array_record"]
    subprocess.run(command + [f"--group-size={file.group_size}"] + file.options, check=True)
    prefixed.unlink()
    return path


# What array_record reads


def read_in_order(reader):
    records = []
    while True:
        try:
            records.append(reader.read())
        except IndexError:
            return records


def ranges(rng, count, group_size):
    """Ranges of records, of which some begin and end where a group does."""
    if count == 0:
        return []
    starts = [0, count - 1, min(group_size, count - 1), rng.randrange(count)]
    return [(s, rng.randint(s + 1, count)) for s in starts] + [(0, count), (0, 1)]


def check_reader(file, path, options, rng, failures):
    where = f"{file.name} read with '{options}'"
    reader = array_record_module.ArrayRecordReader(str(path), options)
    records = file.records
    failures.check(reader.ok(), f"{where}: cannot be opened")
    failures.check(
        reader.num_records() == len(records),
        f"{where}: {reader.num_records()} records, not {len(records)}",
    )
    failures.check(read_in_order(reader) == records, f"{where}: in order")
    failures.check(reader.read_all() == records, f"{where}: all at once")
    indices = [rng.randrange(len(records)) for _ in range(min(300, 2 * len(records)))]
    failures.check(
        reader.read(indices) == [records[i] for i in indices], f"{where}: records at random"
    )
    for begin, end in ranges(rng, len(records), file.group_size):
        failures.check(
            reader.read(begin, end) == records[begin:end], f"{where}: records {begin} to {end}"
        )
        reader.seek(begin)
        failures.check(reader.read() == records[begin], f"{where}: seek to {begin}")
    reader.close()


def check_writer_options(file, path, failures):
    """The data source looks for the group size in this text."""
    reader = array_record_module.ArrayRecordReader(str(path))
    text = reader.writer_options_string() or ""
    match = re.match(r"group_size:(\d+),", text)
    failures.check(
        match and int(match[1]) == file.group_size,
        f"{file.name}: writer options '{text}' do not state groups of {file.group_size}",
    )
    reader.close()


def check_data_source(file, path, rng, failures):
    records = file.records
    if not records:
        return
    with array_record_data_source.ArrayRecordDataSource([str(path)]) as source:
        failures.check(len(source) == len(records), f"{file.name}: length of the data source")
        for i in (0, len(records) - 1, rng.randrange(len(records))):
            failures.check(source[i] == records[i], f"{file.name}: record {i} of the data source")
        keys = [rng.randrange(len(records)) for _ in range(50)]
        failures.check(
            list(source.__getitems__(keys)) == [records[key] for key in keys],
            f"{file.name}: records of the data source at random",
        )


def check_file(file, path, rng, failures):
    failures.check(path.stat().st_size % 65536 == 0, f"{file.name}: size is no whole blocks")
    for options in READER_OPTIONS:
        check_reader(file, path, options, rng, failures)
    check_writer_options(file, path, failures)
    check_data_source(file, path, rng, failures)


def check_written(disky, directory, rng, failures):
    """Returns the records of each file."""
    contents = {}
    for file in written_files(rng):
        print(f"  {file.name}: {len(file.records)} records", flush=True)
        try:
            path = write(disky, file, directory)
        except subprocess.CalledProcessError as e:
            failures.check(False, f"{file.name}: disky write ends with {e.returncode}")
            continue
        try:
            check_file(file, path, rng, failures)
        except (IndexError, RuntimeError, ValueError) as e:
            failures.check(False, f"{file.name}: array_record says: {e}")
        contents[path] = file.records
    return contents


# What array_record writes


def google_files(rng):
    small = mixed(rng, 200) + messages(50)
    yield File("google-default", small, 1, "")
    yield File("google-none", small, 3, "uncompressed")
    yield File("google-zstd", small, 64, "zstd:5,window_log:22")
    yield File("google-brotli", small, 1000, "brotli")
    yield File("google-snappy", small, 3, "snappy,transpose")
    yield File("google-padded", small, 64, "pad_to_block_boundary:true")
    yield File("google-buckets", messages(500), 100, "transpose:true,transpose_bucket_size:1000")
    yield File("google-no-record", [], 1, "")
    yield File("google-over-blocks", [rng.randbytes(100_000) for _ in range(12)], 5, "")


def write_with_google(directory, rng):
    """Returns the records of each file."""
    contents = {}
    for file in google_files(rng):
        path = directory / f"{file.name}.array_record"
        options = ",".join(filter(None, [f"group_size:{file.group_size}", file.options]))
        writer = array_record_module.ArrayRecordWriter(str(path), options)
        for record in file.records:
            writer.write(record)
        writer.close()
        contents[path] = file.records
    return contents


def digest_line(path, records):
    sha256 = hashlib.sha256()
    for record in records:
        sha256.update(struct.pack("<I", len(record)))
        sha256.update(record)
    size = sum(len(record) for record in records)
    return f"{sha256.hexdigest()}  {len(records)} {size} {path}"


def compare_output(command, paths, expected, failures):
    """Checks that the command prints these lines about the files."""
    result = subprocess.run([*command, *paths], check=False, stdout=subprocess.PIPE, text=True)
    failures.check(result.returncode == 0, f"{command[1]} ends with {result.returncode}")
    actual = result.stdout.splitlines()
    failures.check(len(actual) == len(expected), f"{command[1]}: {len(actual)} lines")
    for line in set(expected) - set(actual):
        failures.check(False, f"{command[1]} does not print '{line}'")


def check_read(disky, contents, failures):
    """The command line reads every file."""
    digests = [digest_line(path, records) for path, records in contents.items()]
    compare_output([disky, "digest"], contents, digests, failures)
    counts = [f"{len(records)}  {path}" for path, records in contents.items()]
    counts.append(f"{sum(map(len, contents.values()))}  total")
    compare_output([disky, "count"], contents, counts, failures)


# TFRecords of other programs


def tfrecords(data):
    """The records of a TFRecord file, without a look at their checksums."""
    records = []
    at = 0
    while at < len(data):
        (size,) = struct.unpack_from("<Q", data, at)
        records.append(data[at + 12 : at + 12 + size])
        at += size + 16
    return records


def convert(disky, source, target, *options):
    subprocess.run([disky, "convert", "--force", *options, source, target], check=True)


def check_tfrecords(disky, directory, failures):
    """TFRecords become ArrayRecords that array_record reads, and its files become TFRecords."""
    for source in sorted(pathlib.Path("src/test/resources/formats").glob("*.tfrecord")):
        data = source.read_bytes()
        data = zlib.decompress(data) if ".zlib." in source.name else data
        there = directory / f"{source.name}.array_record"
        back = directory / source.name
        for group_size in ("1", "7"):
            convert(disky, source, there, f"--group-size={group_size}")
            reader = array_record_module.ArrayRecordReader(str(there))
            where = f"{source.name} in groups of {group_size}"
            failures.check(read_in_order(reader) == tfrecords(data), f"{where}: array_record")
            reader.close()
            convert(disky, there, back)
            failures.check(back.read_bytes() == data, f"{where}: back to TFRecord")
    records = mixed(random.Random(SEED), 100)
    written = directory / "google-for-tfrecord.array_record"
    writer = array_record_module.ArrayRecordWriter(str(written), "group_size:5")
    for record in records:
        writer.write(record)
    writer.close()
    target = directory / "from-google.tfrecord"
    convert(disky, written, target)
    failures.check(tfrecords(target.read_bytes()) == records, "array_record's file as TFRecord")


def main(disky, directory):
    faulthandler.enable()
    # On some wrong files array_record crashes, on others it waits for ever.
    faulthandler.dump_traceback_later(600, exit=True)
    # For each file with groups of several records the data source logs that Grain is slow then.
    logging.set_verbosity(logging.FATAL)
    failures = Failures()
    print(f"seed {SEED}")
    rng = random.Random(SEED)
    print("array_record reads what disky writes:")
    contents = check_written(disky, directory, rng, failures)
    contents.update(write_with_google(directory, rng))
    print(f"disky reads {len(contents)} files, those that array_record writes among them")
    check_read(disky, contents, failures)
    print("TFRecords of other programs become ArrayRecords, and come back")
    check_tfrecords(disky, directory, failures)
    print("FAILED" if failures.count else "all equal")
    return min(failures.count, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], pathlib.Path(sys.argv[2])))
