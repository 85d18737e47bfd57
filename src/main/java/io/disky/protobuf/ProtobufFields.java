package io.disky.protobuf;

/**
 * Walks over the fields of a serialized protocol buffer message, without a schema. Groups and
 * submessages are skipped completely. Positions are offsets in the message, in bytes.
 *
 * <p>The memory that the walk needs does not depend on the message. Like parsers of protocol
 * buffers, it accepts varints of up to 10 bytes, drops bits beyond 64, and refuses groups more than
 * 100 deep.
 */
public final class ProtobufFields {
  public static final int VARINT = 0;
  public static final int LENGTH_DELIMITED = 2;

  private static final int FIXED64 = 1;
  private static final int GROUP_START = 3;
  private static final int GROUP_END = 4;
  private static final int FIXED32 = 5;

  private static final int MAX_NUMBER = (1 << 29) - 1;

  private static final int MAX_VARINT_SIZE = 10;
  private static final int MAX_GROUP_DEPTH = 100;

  private final byte[] message;
  private final int[] groups = new int[MAX_GROUP_DEPTH];
  private int position;

  private int begin;
  private int number;
  private int wireType;
  private int valueBegin;
  private long varint;

  public ProtobufFields(byte[] message) {
    this.message = message;
  }

  /**
   * Moves to the next field; returns false if there is none.
   *
   * @throws IllegalArgumentException if the next bytes are not a field; the message states where
   *     and why
   */
  public boolean next() {
    if (position == message.length) {
      return false;
    }
    begin = position;
    readTag();
    if (wireType == GROUP_END) {
      throw malformed(begin, "group " + number + " ends, but has not begun");
    }
    if (wireType == GROUP_START) {
      skipGroup();
      wireType = GROUP_START; // the tag that ended the group has the same number
    } else {
      readValue();
    }
    return true;
  }

  private void readTag() {
    int tagBegin = position;
    long tag = readVarint();
    number = (int) (tag >>> 3);
    wireType = (int) (tag & 7);
    if (tag >>> 3 == 0 || tag >>> 3 > MAX_NUMBER) {
      throw malformed(tagBegin, "field number " + Long.toUnsignedString(tag >>> 3));
    }
    if (wireType > FIXED32) {
      throw malformed(tagBegin, "field " + number + " has wire type " + wireType);
    }
  }

  private void readValue() {
    valueBegin = position;
    switch (wireType) {
      case VARINT -> varint = readVarint();
      case FIXED64 -> skip(Long.BYTES);
      case FIXED32 -> skip(Integer.BYTES);
      default -> {
        long size = readVarint();
        valueBegin = position;
        skip(size);
      }
    }
  }

  private void skip(long size) {
    int left = message.length - position;
    if (size < 0 || size > left) {
      throw malformed(
          begin,
          "field "
              + number
              + " has a value of "
              + Long.toUnsignedString(size)
              + " bytes, where "
              + left
              + " follow");
    }
    position += (int) size;
  }

  /**
   * Skips the fields of a group, from after the tag that begins it to after the tag that ends it.
   */
  private void skipGroup() {
    valueBegin = position;
    groups[0] = number;
    int depth = 1;
    while (depth > 0) {
      if (position == message.length) {
        throw malformed(begin, "group " + groups[0] + " does not end");
      }
      int tagBegin = position;
      readTag();
      if (wireType == GROUP_START) {
        if (depth == MAX_GROUP_DEPTH) {
          throw malformed(tagBegin, "groups are more than " + MAX_GROUP_DEPTH + " deep");
        }
        groups[depth++] = number;
      } else if (wireType == GROUP_END) {
        depth--;
        if (groups[depth] != number) {
          throw malformed(tagBegin, "group " + number + " ends within group " + groups[depth]);
        }
      } else {
        readValue();
      }
    }
  }

  private long readVarint() {
    int varintBegin = position;
    long value = 0;
    for (int i = 0; i < MAX_VARINT_SIZE; i++) {
      if (position == message.length) {
        throw malformed(varintBegin, "the message ends within a number");
      }
      byte group = message[position++];
      value |= (group & 0x7fL) << (7 * i);
      if (group >= 0) {
        return value;
      }
    }
    throw malformed(varintBegin, "a number takes more than " + MAX_VARINT_SIZE + " bytes");
  }

  private static IllegalArgumentException malformed(int offset, String what) {
    return new IllegalArgumentException("byte " + offset + ": " + what);
  }

  /** Where the field begins, with its tag. */
  public int begin() {
    return begin;
  }

  /** Where the field and its value end. */
  public int end() {
    return position;
  }

  public int number() {
    return number;
  }

  public int wireType() {
    return wireType;
  }

  /** Where the value begins, after its length. */
  public int valueBegin() {
    return valueBegin;
  }

  /** The value of a {@link #VARINT} field. */
  public long varint() {
    return varint;
  }
}
