"""HighwayHash with 64 bits, as Google's highwayhash specifies it, with the key of record files."""

import operator
import struct

MASK = (1 << 64) - 1
LOW = (1 << 32) - 1
WORDS = struct.Struct("<4Q")

KEY = WORDS.unpack(b"Riegeli/records\n" * 2)

# The fractional digits of pi.
INITIAL_0 = (0xDBE6D5D5FE4CCE2F, 0xA4093822299F31D0, 0x13198A2E03707344, 0x243F6A8885A308D3)
INITIAL_1 = (0x3BD39E10CB0EF593, 0xC0ACF169B5F18A8C, 0xBE5466CF34E90C6C, 0x452821E638D01377)

# Which byte of a pair of words each byte of the merged pair is; the same for both pairs.
ZIPPER = (3, 12, 2, 5, 14, 1, 15, 0, 11, 4, 10, 13, 9, 6, 8, 7)
MERGED = operator.itemgetter(*ZIPPER, *(16 + byte for byte in ZIPPER))


def swap_halves(word):
    return word >> 32 | (word & LOW) << 32


def rotate_halves(word, bits):
    """Rotates both halves of the word to the left."""
    low, high = word & LOW, word >> 32
    low = (low << bits | low >> 32 - bits) & LOW
    high = (high << bits | high >> 32 - bits) & LOW
    return high << 32 | low


def zipper_merge(words):
    return WORDS.unpack(bytes(MERGED(WORDS.pack(*words))))


class State:
    def __init__(self, key):
        self.mul0, self.mul1 = list(INITIAL_0), list(INITIAL_1)
        self.v0 = [i ^ k for i, k in zip(INITIAL_0, key)]
        self.v1 = [i ^ swap_halves(k) for i, k in zip(INITIAL_1, key)]

    def update(self, lanes):
        v0, v1, mul0, mul1 = self.v0, self.v1, self.mul0, self.mul1
        for i in range(4):
            a = (v1[i] + mul0[i] + lanes[i]) & MASK
            mul0[i] ^= (a & LOW) * (v0[i] >> 32)
            b = (v0[i] + mul1[i]) & MASK
            mul1[i] ^= (b & LOW) * (a >> 32)
            v0[i], v1[i] = b, a
        m = zipper_merge(v1)
        v0[:] = [(v0[i] + m[i]) & MASK for i in range(4)]
        m = zipper_merge(v0)
        v1[:] = [(v1[i] + m[i]) & MASK for i in range(4)]

    def update_remainder(self, rest):
        """Adds the last 1 to 31 bytes."""
        size = len(rest)
        self.v0 = [(v + (size << 32) + size) & MASK for v in self.v0]
        self.v1 = [rotate_halves(v, size) for v in self.v1]
        packet = bytearray(32)
        words, tail = rest[: size & ~3], rest[size & ~3 :]
        packet[: len(words)] = words
        if size & 16:
            packet[28:32] = rest[-4:]
        elif tail:
            packet[16:19] = bytes((tail[0], tail[len(tail) >> 1], tail[-1]))
        self.update(WORDS.unpack(packet))

    def finish(self):
        for _ in range(4):
            v0 = self.v0
            self.update([swap_halves(v0[i]) for i in (2, 3, 0, 1)])
        return (self.v0[0] + self.v1[0] + self.mul0[0] + self.mul1[0]) & MASK


def highway_hash(data, key=KEY):
    """The hash of the bytes, an integer of 64 bits."""
    state = State(key)
    whole = len(data) & ~31
    for lanes in WORDS.iter_unpack(memoryview(data)[:whole]):
        state.update(lanes)
    if whole < len(data):
        state.update_remainder(data[whole:])
    return state.finish()
