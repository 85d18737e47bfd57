"""The section "Varints and hashes" of docs/format.md, except the hash."""


class Refused(Exception):
    """The bytes are not a valid record file, or not a valid part of one."""


def require(condition, reason):
    if not condition:
        raise Refused(reason)


class Cursor:
    """Takes values from the beginning of bytes."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def left(self):
        return len(self.data) - self.at

    def take(self, size):
        require(size <= self.left(), f"{size} bytes are needed, {self.left()} are left")
        self.at += size
        return self.data[self.at - size : self.at]

    def rest(self):
        return self.take(self.left())

    def byte(self):
        return self.take(1)[0]

    def varint(self, bits=64):
        value = 0
        for group in range(10):
            byte = self.byte()
            value |= (byte & 0x7F) << 7 * group
            if byte < 0x80:
                require(value < 1 << bits, f"a varint has more than {bits} bits")
                return value
        raise Refused("a varint has more than 10 bytes")


def varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])
