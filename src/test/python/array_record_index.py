"""Finds the index of an ArrayRecord. Each part names its section of docs/format.md."""

import typing

from chunk_data import decode_simple
from varints import Cursor, Refused

# Section "ArrayRecord"

MAGIC = 0x71930E704FDAE05E
BLOCK = 65536


class NotAMessage(Exception):
    pass


def fields(message):
    """The fields of a message; where a field occurs twice, the last value."""
    cursor, found = Cursor(message), {}
    try:
        while cursor.left() > 0:
            tag = cursor.varint()
            match tag & 7:
                case 0:
                    value = cursor.varint()
                case 1 | 5:
                    value = cursor.take(8 if tag & 7 == 1 else 4)
                case 2:
                    value = cursor.take(cursor.varint())
                case _:
                    raise NotAMessage
            if tag < 8:
                raise NotAMessage
            found[tag >> 3] = value
    except Refused as e:
        raise NotAMessage from e
    return found


def numbers(message):
    """The numbers in the fields 1 to 3."""
    found = fields(message)
    values = [found.get(field, 0) for field in (1, 2, 3)]
    if any(isinstance(value, bytes) for value in values):
        raise NotAMessage
    return values


# Section "Which chunks are the index"


class Footer(typing.NamedTuple):
    is_right: bool
    options: bytes
    groups: list


def decode_or_none(chunk):
    try:
        return decode_simple(chunk)
    except Refused:
        return None


def stated_footer(chunk):
    """The position that the chunk states if it can be a postscript, otherwise None."""
    if chunk.type != b"r" or chunk.num_records > 16:
        return None
    if max(len(chunk.data), chunk.decoded_data_size) > 4096:
        return None
    for record in decode_or_none(chunk) or ():
        try:
            position, magic, _ = numbers(record)
        except NotAMessage:
            continue
        if magic == MAGIC:
            return position
    return None


def as_footer(chunk):
    """The footer if the chunk can be one, otherwise None."""
    if chunk.type != b"r" or chunk.num_records > chunk.begin // 40 + 1:
        return None
    if chunk.decoded_data_size > 64 * chunk.num_records + 4096:
        return None
    first, *entries = decode_or_none(chunk) or [b""]
    try:
        outer = fields(first)
        if list(outer) != [1] or not isinstance(outer[1], bytes):
            return None
        version, num_groups, num_records = numbers(outer[1])
        if version != 1:
            return Footer(False, b"", []) if version > 1 else None
        groups = [tuple(numbers(entry)) for entry in entries]
        options = fields(outer[1]).get(4, b"")
    except NotAMessage:
        return None
    totals = (len(groups), sum(count for _, _, count in groups))
    return Footer(totals == (num_groups, num_records), options, groups)


def index_at_end(data, chunks):
    """The positions of the postscript at the end of the file, and of its footer (rule 1)."""
    begin = len(data) - BLOCK
    if begin < BLOCK or begin % BLOCK:
        return set()
    by_begin = {chunk.begin: chunk for chunk in chunks}
    stated = begin in by_begin and stated_footer(by_begin[begin])
    if stated is None or stated is False:
        return set()
    is_footer = 64 <= stated < begin and stated in by_begin and as_footer(by_begin[stated])
    return {begin, stated} if is_footer else {begin}


def is_next_footer(chunk, origin, groups):
    """Whether the chunk is a footer that lists these groups before it (rule 2)."""
    if chunk.num_records != len(groups) + 1:
        return False
    footer = as_footer(chunk)
    if footer is None or not footer.is_right:
        return False
    if not groups:
        return bytes(footer.options).startswith(b"group_size:")
    return footer.groups == [
        (group.begin - origin, group.decoded_data_size, group.num_records) for group in groups
    ]


def without_index(data, chunks):
    """The chunks with records of the user."""
    index = index_at_end(data, chunks)
    found, groups, origin, after_footer = [], [], 0, False
    for chunk in chunks:
        if chunk.type == b"s":
            groups, origin, after_footer = [], chunk.begin, False
        if chunk.type not in (b"r", b"t"):
            continue
        if chunk.begin in index or is_next_footer(chunk, origin, groups):
            after_footer = True
        elif after_footer and stated_footer(chunk) is not None:  # rule 3
            after_footer = False
        else:
            groups.append(chunk)
            found.append(chunk)
            after_footer = False
    return found
