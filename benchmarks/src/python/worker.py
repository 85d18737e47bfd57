"""Reads and writes with array_record and bagz: one run for each line on the standard input.

limits/src/main.rs defines the protocol. Arguments are NAME=VALUE: work, input, output, records,
level, count.
"""

import array
import os
import pathlib
import sys
import time

# Groups and batches are about as large as our chunks.
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


def checksum(records):
    total = 0
    for record in records:
        if record:
            first = record[0]
            total += len(record) + (first if first < 128 else first - 256)
    return total


class ArrayRecords:
    """array_record: groups of records; each group is compressed separately."""

    def __init__(self, arguments):
        from array_record.python import array_record_module

        self.module = array_record_module
        self.arguments = arguments
        ends = load_ends(arguments["records"])
        self.batch = max(1, BATCH_BYTES * len(ends) // max(1, ends[-1]))
        self.count = len(ends)

    def write(self, records):
        self.write_groups(records, self.batch)

    def write_ungrouped(self, records):
        self.write_groups(records, 1)

    def write_groups(self, records, group):
        level = self.arguments["level"]
        codec = "uncompressed" if level == "none" else f"zstd:{level}"
        options = f"group_size:{group},{codec}"
        writer = self.module.ArrayRecordWriter(self.arguments["output"], options)
        for record in records:
            writer.write(record)
        writer.close()

    def open(self, options):
        return self.module.ArrayRecordReader(self.arguments["input"], options=options)

    def read(self):
        reader = self.open("max_parallelism:0")
        total = 0
        for begin in range(0, self.count, self.batch):
            total += checksum(reader.read(begin, min(begin + self.batch, self.count)))
        reader.close()
        return total

    def open_random(self):
        """Returns two functions: the first reads one record, the second a list of records."""
        reader = self.open("readahead_buffer_size:0,max_parallelism:0")
        return lambda index: reader.read([index])[0], reader.read


class Bagz:
    """bagz: each record is compressed separately."""

    def __init__(self, arguments):
        import bagz

        self.bagz = bagz
        self.arguments = arguments

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

    def open(self):
        options = self.bagz.Reader.Options(compression=self.compression())
        return self.bagz.Reader(self.arguments["input"], options)

    def read(self):
        return checksum(self.open())

    def open_random(self):
        """Returns two functions, as the method for ArrayRecords does."""
        reader = self.open()
        return reader.__getitem__, reader.read_indices


class Reading:
    def __init__(self, peer):
        self.run = peer.read

    def prepare(self):
        """Prepares a run. Not measured."""


class Writing:
    def __init__(self, arguments, write):
        self.output = arguments["output"]
        self.records = load_records(arguments["records"])
        self.write = write

    def prepare(self):
        if os.path.exists(self.output):
            os.remove(self.output)

    def run(self):
        self.write(self.records)
        return sum(map(len, self.records))


class RandomOrder:
    """The numbers of all records in a random order. limits/src/random.rs defines the order."""

    def __init__(self, size):
        self.size = size
        self.mask = (1 << size.bit_length()) - 1
        self.next = 0

    def take(self, count):
        numbers = []
        for _ in range(count):
            numbers.append(self.next)
            self.next = self.following(self.next)
        return numbers

    def following(self, index):
        while True:
            index = (index * 1_664_525 + 1_013_904_223) & self.mask
            if index < self.size:
                return index


class BatchReading:
    """Opens a file, and reads all records in a random order, a batch in each call."""

    def __init__(self, peer):
        self.peer = peer
        order = RandomOrder(peer.count)
        self.batches = [
            order.take(min(peer.batch, peer.count - begin))
            for begin in range(0, peer.count, peer.batch)
        ]

    def prepare(self):
        """Prepares a run. Not measured."""

    def run(self):
        _, read_all = self.peer.open_random()
        return sum(checksum(read_all(batch)) for batch in self.batches)


class RandomReading:
    """Reads single records of a file that stays open."""

    def __init__(self, arguments, peer, together):
        self.order = RandomOrder(len(load_ends(arguments["records"])))
        self.count = int(arguments["count"])
        self.together = together
        self.read_one, self.read_all = peer.open_random()

    def prepare(self):
        self.indices = self.order.take(self.count)

    def run(self):
        if self.together:
            return checksum(self.read_all(self.indices))
        return checksum(map(self.read_one, self.indices))


def open_work(arguments):
    name = arguments["work"]
    if name.startswith("bagz-"):
        peer, operation = Bagz(arguments), name.removeprefix("bagz-")
    else:
        peer, operation = ArrayRecords(arguments), name.removeprefix("array-record-")
    match operation:
        case "read":
            return Reading(peer)
        case "write":
            return Writing(arguments, peer.write)
        case "write-ungrouped":
            return Writing(arguments, peer.write_ungrouped)
        case "batches":
            return BatchReading(peer)
        case "random":
            return RandomReading(arguments, peer, together=False)
        case "random-together":
            return RandomReading(arguments, peer, together=True)
    raise ValueError(f"no work is called {name}")


def main():
    arguments = dict(argument.split("=", 1) for argument in sys.argv[1:])
    work = open_work(arguments)
    print("ready", flush=True)
    for line in sys.stdin:
        begin = time.monotonic_ns()
        times = []
        while True:
            work.prepare()
            start = time.monotonic_ns()
            result = work.run()
            end = time.monotonic_ns()
            times.append(str(end - start))
            if end - begin >= int(line) * 1_000_000:
                break
        print(result, 0, *times, flush=True)


main()
