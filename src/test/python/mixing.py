"""Computes mixes, steps and states as docs/order.md specifies them, without the library.

    mixing.py DIRECTORY

Writes the test vectors mixes.txt, steps.txt and states.txt to DIRECTORY. Needs Python and order.py
next to it.
"""

import hashlib
import pathlib
import sys
import zlib
from decimal import Decimal
from fractions import Fraction
from math import floor, gcd, lcm

import order

ENDLESS = 2**63 - 1


def integers(weights):
    """Weights, as decimal texts, as integers with the same ratios and no common divisor."""
    fractions = [Fraction(Decimal(weight)) for weight in weights]
    common = lcm(*(fraction.denominator for fraction in fractions))
    scaled = [int(fraction * common) for fraction in fractions]
    divisor = gcd(*scaled)
    return [weight // divisor for weight in scaled]


def turns(weights):
    """The sources of an exact mix, without an end."""
    total = sum(weights)
    slack = Fraction(1, max(2, 2 * len(weights) - 2))
    shares = [Fraction(weight, total) for weight in weights]
    counts = [0] * len(weights)
    step = 0
    while True:
        step += 1
        possible = []
        for source, share in enumerate(shares):
            if share * step >= counts[source] + slack:
                last = floor((counts[source] + 1 - slack) / share) + 1
                possible.append((last, source))
        _, source = min(possible)
        counts[source] += 1
        yield source


class Source:
    def __init__(self, records, weight, repeat="1", choose=None):
        self.records = records
        self.weight = weight
        self.repeat = repeat
        self.choose = choose
        self.in_pass = records if choose is None else choose
        self.stream = floor(self.in_pass * Fraction(Decimal(repeat)))

    def __str__(self):
        choose = "all" if self.choose is None else self.choose
        return f"{self.records}*{self.weight}*{self.repeat}*{choose}"

    def state(self, weight):
        repeat = "" if float(self.repeat) == 1 else f"x{float(self.repeat)}"
        choose = "" if self.choose is None else f":{self.choose}"
        return f"{weight}{repeat}{choose}"


def exact_choices(weights, alive):
    """A generator for each phase: send() tells it nothing, it goes on with these sources."""
    divisor = gcd(*(weights[source] for source in alive))
    for turn in turns([weights[source] // divisor for source in alive]):
        yield alive[turn]


def choices(method, exhaustion, key, sources):
    """The source of each position of an epoch, in order."""
    weights = integers([source.weight for source in sources])
    lengths = [source.stream for source in sources]
    counts = [0] * len(sources)
    position = 0
    drops = exhaustion == "drop-out"
    alive = [i for i in range(len(sources)) if not drops or lengths[i] > 0]
    phase = exact_choices(weights, alive) if alive else None
    while alive:
        if method == "exact":
            source = next(phase)
        else:
            number = key.below(sum(weights[i] for i in alive), position)
            for source in alive:
                if number < weights[source]:
                    break
                number -= weights[source]
        if exhaustion == "stop" and counts[source] == lengths[source]:
            return
        yield source
        position += 1
        counts[source] += 1
        if drops and counts[source] == lengths[source]:
            alive.remove(source)
            phase = exact_choices(weights, alive) if alive else None
        if exhaustion == "repeat-until-all-seen" and all(
            count >= length for count, length in zip(counts, lengths)
        ):
            return


def pass_records(shuffle, key, records):
    name, _, option = shuffle.partition(":")
    if name == "none":
        return list(range(records))
    if name == "global":
        permutation = order.Permutation(key.purpose("global"), records)
        return [permutation.at(index) for index in range(records)]
    return [leaving for _, leaving in order.reservoir(key, int(option), records)]


class Stream:
    """The records of the passes over a source, one pass after the other."""

    def __init__(self, shuffle, key, records, in_pass):
        self.shuffle = shuffle
        self.key = key
        self.records = records
        self.in_pass = in_pass
        self.known = {}

    def at(self, index):
        number = index // self.in_pass
        if number not in self.known:
            key = self.key.number(number)
            self.known[number] = pass_records(self.shuffle, key, self.records)
        return self.known[number][index % self.in_pass]


def epoch(method, exhaustion, shuffle, seed, number, sources, most):
    """At most so many pairs of source and record, and whether the epoch ends there."""
    key = order.Key.of_seed(seed).number(number)
    streams = [
        Stream(shuffle, key.purpose("source").number(i), source.records, source.in_pass)
        for i, source in enumerate(sources)
    ]
    counts = [0] * len(sources)
    pairs = []
    for source in choices(method, exhaustion, key.purpose("mix"), sources):
        if len(pairs) == most:
            return pairs, False
        pairs.append((source, streams[source].at(counts[source])))
        counts[source] += 1
    return pairs, True


def sequence(shuffle, seed, number, sizes, repeat, choose):
    records = sum(sizes)
    whole = Source(records, "1", repeat, choose)
    key = order.Key.of_seed(seed).number(number).purpose("source").number(0)
    stream = Stream(shuffle, key, records, whole.in_pass)
    pairs = []
    for position in range(whole.stream):
        record = stream.at(position)
        source = 0
        while record >= sizes[source]:
            record -= sizes[source]
            source += 1
        pairs.append((source, record))
    return pairs


def pairs_text(pairs):
    return " ".join(f"{source}:{record}" for source, record in pairs)


MIXES = [
    [Source(5, "1"), Source(9, "2")],
    [Source(20, "0.5"), Source(7, "0.3"), Source(11, "0.2")],
    [Source(10, "3", "2.5"), Source(30, "1.25", "0.5"), Source(8, "7", "1", 3)],
    [Source(13, "0.1"), Source(13, "0.1"), Source(40, "0.33"), Source(3, "0.01"), Source(9, "1")],
]


def mix_lines():
    for weights in (
        ["1", "1"],
        ["0.5", "0.25", "0.25"],
        ["0.1", "0.2", "0.3"],
        ["2000", "300"],
        ["0.3333333333333333", "0.6666666666666666"],
        ["1e-3", "12.5"],
        ["7"],
    ):
        yield f"integers {' '.join(weights)} = {order.numbers(integers(weights))}"
    for weights in ([1], [1, 1], [3, 1], [5, 2], [1, 1, 1], [6, 3, 1], [7, 7, 1, 1, 1], [100, 1]):
        schedule = turns(weights)
        steps = min(2 * sum(weights), 120)
        values = order.numbers(next(schedule) for _ in range(steps))
        yield f"turns {','.join(map(str, weights))} = {values}"
    for method in ("exact", "random"):
        for exhaustion in ("drop-out", "stop", "repeat", "repeat-until-all-seen"):
            for shuffle in ("none", "global", "reservoir:4"):
                for seed, sources in enumerate(MIXES):
                    pairs, ends = epoch(method, exhaustion, shuffle, seed, 3, sources, 150)
                    name = f"mix {method} {exhaustion} {shuffle} {seed} 3"
                    described = ",".join(map(str, sources))
                    end = " end" if ends else ""
                    yield f"{name} {described} = {pairs_text(pairs)}{end}"
    for shuffle in ("none", "global", "reservoir:6"):
        for repeat, choose in (("1", None), ("2.5", None), ("3", 7)):
            sizes = [4, 0, 11, 2]
            pairs = sequence(shuffle, -9, 1, sizes, repeat, choose)
            text = "all" if choose is None else choose
            described = ",".join(map(str, sizes))
            yield f"sequence {shuffle} -9 1 {repeat} {text} {described} = {pairs_text(pairs)}"


def steps_of(length, base, batch, ranks, remainder):
    """For each step, for each rank, the first position and the one after the last."""
    result = []
    begin = base
    while begin < length:
        size = batch
        if begin + batch > length:
            if remainder == "drop":
                break
            if remainder == "even":
                size = length - begin
        result.append(
            [(begin + size * r // ranks, begin + size * (r + 1) // ranks) for r in range(ranks)]
        )
        begin += batch
    return result


def steps_lines():
    for length, base in ((0, 0), (1, 0), (10, 0), (97, 0), (97, 30), (100, 100), (1000, 13)):
        for batch, ranks in ((1, 1), (8, 1), (8, 3), (10, 7), (64, 5)):
            for remainder in ("drop", "pad", "even"):
                steps = steps_of(length, base, batch, ranks, remainder)
                shown = " ".join(
                    ",".join(f"{begin}-{end}" for begin, end in step) for step in steps[-2:]
                )
                name = f"steps {length} {base} {batch} {ranks} {remainder}"
                yield f"{name} = {len(steps)} {shown}"


def fingerprint(sources):
    """Of triples: identity, number of records, number of chunks."""
    hashed = b"".join(
        order.word(records) + order.word(chunks) + order.word(len(identity)) + identity
        for identity, records, chunks in sources
    )
    return hashlib.sha256(hashed).hexdigest()[:32]


def state(data, files, records, seed, shuffle, mix, number, position, checkpoint):
    numbers = ",".join(map(str, checkpoint)) or "none"
    body = (
        f"disky-loader-state/1 data={data} files={files} records={records} seed={seed} "
        f"shuffle={shuffle} mix={mix} epoch={number} position={position} checkpoint={numbers}"
    )
    return f"{body} crc={zlib.crc32(body.encode()):08x}"


def state_lines():
    sources = [(b"a", 5, 2), (b"", 0, 0), ("größe".encode(), 2**40, 3)]
    for count in range(4):
        described = " ".join(f"{i.hex()}:{r}:{c}" for i, r, c in sources[:count])
        yield f"fingerprint {described} = {fingerprint(sources[:count])}".replace("  ", " ")
    for sources in MIXES:
        weights = integers([source.weight for source in sources])
        text = "+".join(source.state(weight) for source, weight in zip(sources, weights))
        described = ",".join(map(str, sources))
        yield f"mixtext exact drop-out {described} = exact/drop-out/{text}"
    data = fingerprint([(b"a", 5, 2)])
    yield f"state {state(data, 1, 5, -7, 'global', 'exact/drop-out/1+2', 3, 12345, [])}"
    checkpoint = [4096, 2000, 2096]
    random = "none", "random/stop/1x2.5+2:3", 0, 5000
    sequence = "reservoir:2", "concatenated/stop/1", 1, 9
    yield f"state {state(data, 0, 2**40, 0, *random, checkpoint)}"
    yield f"state {state(data, 12, 5, 2**63 - 1, *sequence, [8, 10])}"


def main():
    directory = pathlib.Path(sys.argv[1])
    files = {"mixes": mix_lines(), "steps": steps_lines(), "states": state_lines()}
    for name, lines in files.items():
        text = "".join(f"{line.rstrip()}\n" for line in lines)
        (directory / f"{name}.txt").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
