"""Computes orders as docs/order.md specifies them, without the library: a second implementation.

    order.py DIRECTORY

Writes the test vectors in src/test/resources/order to DIRECTORY. Needs Python only.
"""

import hashlib
import pathlib
import sys

WORD = 1 << 64
TABLE = 4096
ROUNDS = 8


class Key:
    """A key of 128 bits: two words."""

    def __init__(self, data):
        self.data = data
        self.high = int.from_bytes(data[:8], "big")
        self.low = int.from_bytes(data[8:], "big")

    @staticmethod
    def of_words(high, low):
        return Key(high.to_bytes(8, "big") + low.to_bytes(8, "big"))

    @staticmethod
    def of_seed(seed):
        return digest(b"\x00disky order 1" + word(seed))

    def purpose(self, purpose):
        return digest(b"\x01" + self.data + purpose.encode())

    def number(self, number):
        return digest(b"\x02" + self.data + word(number))

    def hash(self, number):
        return mix((mix((number + self.high) % WORD) + self.low) % WORD)

    def below(self, bound, number):
        start = mix((number + self.high) % WORD) + self.low
        attempt = 0
        while True:
            product = mix((start + attempt) % WORD) * bound
            if product % WORD >= WORD % bound:
                return product // WORD
            attempt += 1

    def __str__(self):
        return self.data.hex()


def word(number):
    return (number % WORD).to_bytes(8, "big")


def digest(data):
    return Key(hashlib.sha256(data).digest()[:16])


def mix(bits):
    bits = (bits ^ bits >> 30) * 0xBF58476D1CE4E5B9 % WORD
    bits = (bits ^ bits >> 27) * 0x94D049BB133111EB % WORD
    return bits ^ bits >> 31


def scatter(bits):
    bits = bits * 0xBF58476D1CE4E5B9 % WORD
    return (bits ^ bits >> 32) * 0x94D049BB133111EB % WORD


class Permutation:
    def __init__(self, key, size):
        self.size = size
        self.table = shuffled(key, size) if size <= TABLE else None
        self.keys = [key.hash(r) for r in range(ROUNDS)]
        self.bits = size.bit_length() // 2
        self.rows = -(-size // (1 << self.bits))

    def at(self, index):
        if self.table is not None:
            return self.table[index]
        value = self.network(index)
        while value >= self.size:
            value = self.network(value)
        return value

    def network(self, number):
        columns = 1 << self.bits
        row, column = divmod(number, columns)
        for r in range(0, ROUNDS, 2):
            row = (row + scatter(column + self.keys[r]) * self.rows // WORD) % self.rows
            column = (column + scatter(row + self.keys[r + 1]) * columns // WORD) % columns
        return row * columns + column


def shuffled(key, size):
    table = list(range(size))
    for i in range(size - 1, 0, -1):
        other = key.below(i + 1, i)
        table[i], table[other] = table[other], table[i]
    return table


def windowed(key, bound, chunks):
    """The records of a pass; chunks are pairs of a number of records and a size in bytes."""
    firsts = [0]
    for records, _ in chunks:
        firsts.append(firsts[-1] + records)
    order = Permutation(key.purpose("chunks"), len(chunks))
    windows = []
    room = 0
    for index in range(len(chunks)):
        chunk = order.at(index)
        if not windows or chunks[chunk][1] > room:
            windows.append([])
            room = bound
        windows[-1] += range(firsts[chunk], firsts[chunk + 1])
        room -= chunks[chunk][1]
    windows_key = key.purpose("windows")
    sequence = []
    for number, records in enumerate(windows):
        own = Key.of_words(windows_key.hash(2 * number), windows_key.hash(2 * number + 1))
        permutation = Permutation(own, len(records))
        sequence += [records[permutation.at(index)] for index in range(len(records))]
    return sequence


def reservoir(key, capacity, records):
    """Pairs: the records that wait at a position, and the one that leaves there."""
    key = key.purpose("reservoir")
    waiting = list(range(min(capacity, records)))
    entering = len(waiting)
    for position in range(records):
        before = list(waiting)
        index = key.below(len(waiting), position)
        leaving = waiting[index]
        if entering < records:
            waiting[index] = entering
            entering += 1
        else:
            waiting[index] = waiting[-1]
            waiting.pop()
        yield before, leaving


def numbers(values):
    return " ".join(str(value) for value in values)


def key_lines():
    for seed in (0, 1, 7, -1, 2**63 - 1, -(2**63)):
        yield f"seed {seed} = {Key.of_seed(seed)}"
    key = Key.of_seed(1)
    for purpose in ("global", "chunks", "windows", "reservoir", "größe"):
        yield f"purpose {key} {purpose} = {key.purpose(purpose)}"
    for number in (0, 1, 2, 1000, 2**40, -1):
        yield f"number {key} {number} = {key.number(number)}"
    for key in (Key.of_words(0, 0), Key.of_words(WORD - 1, WORD - 1), Key.of_seed(2)):
        for number in (0, 1, 2, 12345678901, 2**63 - 1, -1):
            yield f"hash {key} {number} = {key.hash(number % WORD):016x}"
        for bound in (1, 2, 3, 6, 1000, 2**32 + 1, 2**62 + 1, 3 * 2**61, 2**63 - 1):
            for number in (0, 1, 2, 3, 99, -1):
                yield f"below {key} {bound} {number} = {key.below(bound, number % WORD)}"


def permutation_lines():
    for seed, size in enumerate((1, 2, 3, 10, 256, 1000, 4095, 4096)):
        yield permutation_line(Key.of_seed(seed), size, 0, min(size, 20))
    sizes = [4097, 8191, 8192, 8193, 10_000, 65_535, 65_536, 65_537, 262_145, 10**6]
    sizes += [2**31, 2**32 + 1, 10**12, 2**40 - 1, 2**40, 2**40 + 1]
    sizes += [2**62 - 1, 2**62, 2**62 + 1, 2**63 - 1]
    for seed, size in enumerate(sizes):
        yield permutation_line(Key.of_seed(100 + seed), size, 0, 10)
        yield permutation_line(Key.of_seed(100 + seed), size, size // 2, 10)
        yield permutation_line(Key.of_seed(100 + seed), size, size - 10, 10)


def permutation_line(key, size, first, count):
    permutation = Permutation(key, size)
    values = numbers(permutation.at(index) for index in range(first, first + count))
    return f"permutation {key} {size} {first} = {values}"


def pass_lines():
    key = Key.of_seed(5)
    for records in (0, 1, 30, 5000):
        permutation = Permutation(key.purpose("global"), records)
        values = numbers(permutation.at(i) for i in range(min(records, 50)))
        yield f"global {key} {records} = {values}"
    small = [(1 + 7 * chunk % 5, 10 + 13 * chunk % 29) for chunk in range(40)]
    large = [(300 + 77 * chunk % 101, 1000) for chunk in range(60)]
    layouts = (
        ([], (1,)),
        ([(3, 9)], (1, 9)),
        (small, (1, 38, 39, 100, 10**6)),
        (large, (14_999,)),
    )
    for chunks, bounds in layouts:
        for bound in bounds:
            text = ",".join(f"{records}:{size}" for records, size in chunks)
            values = numbers(windowed(key, bound, chunks)[:6000])
            yield f"windowed {key} {bound} [{text}] = {values}"
    for capacity, records in ((1, 0), (1, 5), (3, 40), (40, 40), (100, 40), (7, 500)):
        sequence = list(reservoir(key, capacity, records))
        values = numbers(leaving for _, leaving in sequence)
        yield f"reservoir {key} {capacity} {records} = {values}"
        for position in (0, 1, 33, 37, 39):
            if position < records:
                waiting = numbers(sequence[position][0])
                yield f"waiting {key} {capacity} {records} {position} = {waiting}"


def main():
    directory = pathlib.Path(sys.argv[1])
    files = {"keys": key_lines(), "permutations": permutation_lines(), "passes": pass_lines()}
    for name, lines in files.items():
        text = "".join(f"{line.rstrip()}\n" for line in lines)
        (directory / f"{name}.txt").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
