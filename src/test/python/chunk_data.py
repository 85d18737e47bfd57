"""Decodes the data of chunks. Each part names its section of docs/format.md."""

import brotli
import cramjam
from varints import Cursor, Refused, require, varint

try:
    from compression import zstd
except ImportError:  # before Python 3.14
    from backports import zstd


# Section "Compressed fields"

ZSTD_MAGIC = bytes.fromhex("28B52FFD")


def decompress_zstd(data):
    decompressor = zstd.ZstdDecompressor()
    require(data.startswith(ZSTD_MAGIC), "no zstd frame")
    out = decompressor.decompress(data)
    require(decompressor.eof and not decompressor.unused_data, "not exactly one zstd frame")
    return out


def decompress_brotli(data):
    # Fails unless the data are exactly one stream.
    return brotli.decompress(data)


def decompress_snappy(data):
    return bytes(cramjam.snappy.decompress_raw(data))


CODECS = {ord("z"): decompress_zstd, ord("b"): decompress_brotli, ord("s"): decompress_snappy}
CODEC_ERRORS = (zstd.ZstdError, brotli.error, cramjam.DecompressionError)


def decompress(compression_type, data, size):
    if size == 0 and not data:
        return b""
    try:
        out = CODECS[compression_type](data)
    except CODEC_ERRORS as e:
        raise Refused(f"the codec says: {e}") from e
    require(len(out) == size, f"{size} bytes are stated, there are {len(out)}")
    return out


def read_compression_type(cursor):
    compression_type = cursor.byte()
    require(compression_type == 0 or compression_type in CODECS, "unknown compression type")
    return compression_type


def read_field(compression_type, stored):
    """A compressed field."""
    if compression_type == 0:
        return stored
    cursor = Cursor(stored)
    size = cursor.varint()
    return decompress(compression_type, cursor.rest(), size)


# Section "Simple chunk"


def decode_simple(chunk):
    cursor = Cursor(chunk.data)
    compression_type = read_compression_type(cursor)
    sizes = cursor.take(cursor.varint())
    values = cursor.rest()
    if compression_type == ord("z") and values.startswith(ZSTD_MAGIC):  # DISKY
        values = decompress(compression_type, values, chunk.decoded_data_size)
    else:
        sizes = read_field(compression_type, sizes)
        values = read_field(compression_type, values)
    sizes, values = Cursor(sizes), Cursor(values)
    records = [values.take(sizes.varint()) for _ in range(chunk.num_records)]
    require(sizes.left() == 0, "bytes of record sizes are left over")
    require(values.left() == 0, "bytes of records are left over")
    require(values.at == chunk.decoded_data_size, "decoded_data_size is wrong")
    return records


# Section "Transposed chunk"


class State:
    """A state of the machine. Reads the lists of the header in their order."""

    def __init__(self, tag):
        self.tag = tag
        self.wire_type = tag & 7 if tag >= 8 else None
        require(tag <= 3 or tag >= 8 and self.wire_type != 7, f"a state has the tag {tag}")
        self.successor = self.subtype = self.buffer = None

    def has_subtype(self):
        return self.wire_type == 0

    def reads_buffer(self):
        if self.has_subtype():
            return self.subtype < 10
        return self.tag == 1 or self.wire_type in (1, 2, 5)


class Machine:
    def __init__(self, header, buckets_of):
        """`buckets_of` returns the decompressed buckets for a list of stored sizes."""
        cursor = Cursor(header)

        def integers(count):
            return [cursor.varint(32) for _ in range(count)]

        num_buckets, num_buffers = integers(2)
        buckets = buckets_of([cursor.varint() for _ in range(num_buckets)])
        self.buffers = divide(buckets, [cursor.varint() for _ in range(num_buffers)])
        (num_states,) = integers(1)
        self.states = [State(tag) for tag in integers(num_states)]
        for state, successor in zip(self.states, integers(num_states)):
            require(successor < 2 * num_states, f"a state has the successor {successor}")
            state.successor = successor
        for state in filter(State.has_subtype, self.states):
            state.subtype = cursor.byte()
            require(state.subtype <= 137, f"a state has the subtype {state.subtype}")
        for state in filter(State.reads_buffer, self.states):
            (buffer,) = integers(1)
            require(buffer < num_buffers, f"a state reads buffer {buffer} of {num_buffers}")
            state.buffer = self.buffers[buffer]
        (self.initial,) = integers(1)
        require(self.initial < num_states, "there is no initial state")
        require(cursor.left() == 0, "bytes of the header are left over")
        self.check_loops()
        self.pieces, self.records, self.open = [], [], []
        self.written = 0

    def check_loops(self):
        """No state leads to itself by steps that take no transition byte."""
        ends = set()
        for start in range(len(self.states)):
            path, at = set(), start
            while at not in ends and self.states[at].successor >= len(self.states):
                require(at not in path, f"state {at} leads to itself")
                path.add(at)
                at = self.states[at].successor - len(self.states)
            ends |= path

    def run(self, transitions):
        num_states, count, index = len(self.states), 0, self.initial
        transitions = iter(transitions)
        while True:
            require(index < num_states, f"there is no state {index}")
            state = self.states[index]
            self.visit(state)
            index = state.successor
            if index >= num_states:
                index -= num_states
            elif count > 0:
                count -= 1
            else:
                byte = next(transitions, None)
                if byte is None:
                    return
                index += byte // 4
                count = byte % 4

    def write(self, *pieces):
        piece = b"".join(pieces)
        self.pieces.append(piece)
        self.written += len(piece)

    def visit(self, state):
        if state.tag == 1:
            self.write(state.buffer.take(self.buffers[-1].varint()))
            self.begin_record()
        elif state.tag == 2:
            require(self.open, "a submessage begins that has not ended")
            tag, end = self.open.pop()
            self.write(varint(tag), varint(self.written - end))
        elif state.tag == 3:
            self.begin_record()
        elif state.wire_type == 6:
            self.open.append((state.tag - 4, self.written))
        elif state.wire_type is not None:
            self.write(varint(state.tag), self.value(state))

    def value(self, state):
        match state.wire_type:
            case 0 if state.subtype < 10:
                *groups, last = state.buffer.take(state.subtype + 1)
                return bytes([*(group | 0x80 for group in groups), last])
            case 0:
                return bytes([state.subtype - 10])
            case 1:
                return state.buffer.take(8)
            case 5:
                return state.buffer.take(4)
            case 2:
                begin = state.buffer.at
                size = state.buffer.varint()
                size += state.buffer.at - begin
                state.buffer.at = begin
                return state.buffer.take(size)
            case _:
                return b""

    def begin_record(self):
        require(not self.open, "a submessage has no beginning in its record")
        self.records.append(b"".join(reversed(self.pieces)))
        self.pieces = []

    def finish(self):
        require(not self.open, "a submessage has no beginning")
        require(not any(self.pieces), "the chunk does not begin with a record")
        require(all(buffer.left() == 0 for buffer in self.buffers), "bytes of buffers are left")
        return self.records[::-1]


def divide(buckets, sizes):
    """The buffers of the buckets."""
    buckets = [Cursor(bucket) for bucket in buckets or [b""]]
    buffers = []
    for size in sizes:
        while len(buckets) > 1 and buckets[0].left() == 0:
            buckets.pop(0)
        buffers.append(Cursor(buckets[0].take(size)))
    require(all(bucket.left() == 0 for bucket in buckets), "bytes of buckets are left over")
    return buffers


def decode_transposed(chunk, num_records):
    cursor = Cursor(chunk.data)
    compression_type = read_compression_type(cursor)
    header = read_field(compression_type, cursor.take(cursor.varint()))

    def buckets_of(sizes):
        return [read_field(compression_type, cursor.take(size)) for size in sizes]

    machine = Machine(header, buckets_of)
    machine.run(read_field(compression_type, cursor.rest()))
    records = machine.finish()
    require(len(records) == num_records, f"there are {len(records)} records, not {num_records}")
    require(machine.written == chunk.decoded_data_size, "decoded_data_size is wrong")
    return records
