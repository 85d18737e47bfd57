"""Reads and writes with array_record and bagz, whenever a line on the standard input asks for it.

What is asked and answered: see limits/src/main.rs. Arguments are NAME=VALUE: work, input, output,
records, level, count.
"""

import array
import os
import pathlib
import sys
import time

# A group, or a batch, is about as large as our chunks.
BATCH_BYTES = 1 << 20


def load_ends(name):
    ends = array.array("q")
    ends.frombytes(pathlib.Path(name + ".ends").read_bytes())
    if sys.byteorder == "big":
        ends.byteswap()
    return ends


def load_records(name):
    data = pathlib.Path(name + ".data").read_bytes()
    begin = 0
    records = []
    for end in load_ends(name):
        records.append(data[begin:end])
        begin = end
    return records


def random_indices(count, size):
    # As limits/src/stream.rs has it.
    stride = size // 3 * 2 | 1
    return [step * stride % size for step in range(count)]


def checksum(records):
    total = 0
    for record in records:
        if record:
            first = record[0]
            total += len(record) + (first if first < 128 else first - 256)
    return total


class ArrayRecords:
    """array_record: groups of records, each group compressed by itself."""

    def __init__(self, arguments, grouped=True):
        from array_record.python import array_record_module

        self.module = array_record_module
        self.arguments = arguments
        ends = load_ends(arguments["records"])
        self.batch = max(1, BATCH_BYTES * len(ends) // max(1, ends[-1]))
        self.group = self.batch if grouped else 1
        self.count = len(ends)

    def write(self, records):
        level = self.arguments["level"]
        codec = "uncompressed" if level == "none" else f"zstd:{level}"
        options = f"group_size:{self.group},{codec}"
        writer = self.module.ArrayRecordWriter(self.arguments["output"], options)
        for record in records:
            writer.write(record)
        writer.close()
        return sum(map(len, records))

    def open(self, options):
        return self.module.ArrayRecordReader(self.arguments["input"], options=options)

    def read(self):
        reader = self.open("max_parallelism:0")
        total = 0
        for begin in range(0, self.count, self.batch):
            total += checksum(reader.read(begin, min(begin + self.batch, self.count)))
        reader.close()
        return total

    def read_random(self):
        reader = self.open("readahead_buffer_size:0,max_parallelism:0")
        indices = random_indices(int(self.arguments["count"]), self.count)
        total = checksum(reader.read(indices))
        reader.close()
        return total


class Bagz:
    """bagz: each record compressed by itself."""

    def __init__(self, arguments):
        import bagz

        self.bagz = bagz
        self.arguments = arguments
        self.count = len(load_ends(arguments["records"]))

    def compression(self):
        level = self.arguments["level"]
        if level == "none":
            return self.bagz.CompressionNone()
        return self.bagz.CompressionZstd(level=int(level))

    def write(self, records):
        options = self.bagz.Writer.Options(compression=self.compression())
        with self.bagz.Writer(self.arguments["output"], options) as writer:
            for record in records:
                writer.write(record)
        return sum(map(len, records))

    def open(self):
        options = self.bagz.Reader.Options(compression=self.compression())
        return self.bagz.Reader(self.arguments["input"], options)

    def read(self):
        return checksum(self.open())

    def read_random(self):
        indices = random_indices(int(self.arguments["count"]), self.count)
        return checksum(self.open().read_indices(indices))


def open_work(arguments):
    name, _, operation = arguments["work"].rpartition("-")
    if name == "bagz":
        peer = Bagz(arguments)
    else:
        peer = ArrayRecords(arguments, grouped=name != "array-record-ungrouped")
    if operation == "write":
        records = load_records(arguments["records"])
        return lambda: peer.write(records)
    return {"read": peer.read, "random": peer.read_random}[operation]


def main():
    arguments = dict(argument.split("=", 1) for argument in sys.argv[1:])
    work = open_work(arguments)
    writes = arguments["work"].endswith("-write")
    print("ready", flush=True)
    for line in sys.stdin:
        begin = time.monotonic_ns()
        times = []
        while True:
            if writes and os.path.exists(arguments["output"]):
                os.remove(arguments["output"])
            start = time.monotonic_ns()
            result = work()
            end = time.monotonic_ns()
            times.append(str(end - start))
            if end - begin >= int(line) * 1_000_000:
                break
        print(result, 0, *times, flush=True)


main()
