"""Reads record files. This module and those that it imports are written from docs/format.md alone;
each part names its section of that page.

    record_file.py FILE...

prints for each FILE its digest as `disky digest` does. read_file() returns the contents of a file.
This reader has no limits on memory, so it is for files that can be trusted.
"""

import hashlib
import pathlib
import struct
import sys
import typing

from array_record_index import without_index
from chunk_data import decode_simple, decode_transposed
from highway_hash import highway_hash
from varints import Refused, require


class File(typing.NamedTuple):
    records: list
    metadata: bytes | None


# Section "Layers"

BLOCK = 65536
BLOCK_HEADER = 24


def read_payload(data, begin, size):
    """`size` bytes of payload from `begin` on, without block headers, and the position after."""
    payload, at = bytearray(), begin
    while len(payload) < size:
        if at % BLOCK == 0:
            at += BLOCK_HEADER
        piece = min(size - len(payload), BLOCK - at % BLOCK)
        require(at + piece <= len(data), f"the file ends inside the chunk at {begin}")
        payload += data[at : at + piece]
        at += piece
    return bytes(payload), at


# Section "Block header"


def check_block_headers(data, begin, end):
    """Checks the headers of the blocks that interrupt a chunk, as far as the file has them."""
    for at in range((begin + BLOCK - 1) // BLOCK * BLOCK, end, BLOCK):
        header = data[at : at + BLOCK_HEADER]
        if len(header) < BLOCK_HEADER:
            return
        header_hash, previous_chunk, next_chunk = struct.unpack("<3Q", header)
        require(header_hash == highway_hash(header[8:]), f"hash of the block header at {at}")
        require(previous_chunk == at - begin, f"previous_chunk of the block header at {at}")
        require(next_chunk == end - at, f"next_chunk of the block header at {at}")


# Section "Chunk"

CHUNK_HEADER = 40
SIGNATURE = bytes.fromhex(
    "83af70d10d884a3f 0000000000000000 4000000000000000 91bac23c9287e1a9"
    "0000000000000000 e19f13c0e9b1c372 7300000000000000 0000000000000000"
)


class Chunk(typing.NamedTuple):
    begin: int
    end: int
    type: bytes
    num_records: int
    decoded_data_size: int
    data: bytes


def chunk_end(begin, data_size, num_records):
    p = CHUNK_HEADER + data_size
    data_end = begin + p + 24 * ((p + ((begin + BLOCK - 25) % BLOCK)) // (BLOCK - 24))
    count_end = begin + num_records
    if 1 <= count_end % BLOCK <= 24:
        count_end += 25 - count_end % BLOCK
    return max(data_end, count_end)


def read_chunk(data, begin):
    header, _ = read_payload(data, begin, CHUNK_HEADER)
    header_hash, data_size, data_hash, type_and_count, decoded_data_size = struct.unpack(
        "<5Q", header
    )
    require(header_hash == highway_hash(header[8:]), f"hash of the chunk header at {begin}")
    payload, data_end = read_payload(data, begin, CHUNK_HEADER + data_size)
    require(data_hash == highway_hash(payload[CHUNK_HEADER:]), f"hash of the data at {begin}")
    num_records = type_and_count >> 8
    end = chunk_end(begin, data_size, num_records)
    assert chunk_end(begin, data_size, 0) == data_end, "the formula of the page is wrong"
    check_block_headers(data, begin, end)
    chunk = Chunk(
        begin,
        end,
        header[24:25],
        num_records,
        decoded_data_size,
        payload[CHUNK_HEADER:],
    )
    check_type(chunk)
    return chunk


def check_type(chunk):
    sizes = (len(chunk.data), chunk.num_records, chunk.decoded_data_size)
    match chunk.type:
        case b"s":
            require(sizes == (0, 0, 0), f"the file signature at {chunk.begin} states sizes")
        case b"p":
            require(sizes[1:] == (0, 0), f"the padding chunk at {chunk.begin} states records")
        case b"m":
            require(chunk.num_records == 0, f"the file metadata at {chunk.begin} state records")
        case b"r" | b"t":
            pass
        case _:
            raise Refused(f"the chunk at {chunk.begin} has an unknown type")


def read_chunks(data):
    if data:
        require(data.startswith(SIGNATURE), "not a record file")
    begin = 0
    while begin < len(data):
        chunk = read_chunk(data, begin)
        yield chunk
        begin = chunk.end


def decode(chunk):
    if chunk.type == b"r":
        return decode_simple(chunk)
    return decode_transposed(chunk, chunk.num_records)


# Section "File metadata"


def find_metadata(chunks):
    if len(chunks) < 2 or chunks[1].type != b"m":
        return None
    return decode_transposed(chunks[1], 1)[0]


def read_file(data):
    """Returns the records of the user and the metadata. Raises Refused."""
    chunks = list(read_chunks(data))
    records = []
    for chunk in without_index(data, chunks):
        records += decode(chunk)
    return File(records, find_metadata(chunks))


def digest(records):
    """SHA-256 of the records, each after its length, their number, and the sum of their sizes."""
    sha256 = hashlib.sha256()
    for record in records:
        sha256.update(struct.pack("<I", len(record)))
        sha256.update(record)
    return sha256.hexdigest(), len(records), sum(map(len, records))


if __name__ == "__main__":
    for name in sys.argv[1:]:
        text, count, size = digest(read_file(pathlib.Path(name).read_bytes()).records)
        print(f"{text}  {count} {size} {name}")
