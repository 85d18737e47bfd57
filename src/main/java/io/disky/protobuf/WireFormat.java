package io.disky.protobuf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The wire format of protocol buffers in a segment, without a schema and without state. Positions
 * are offsets in the segment, in bytes; {@code end} is where the message ends. No method reads from
 * {@code end} on, and none allocates memory.
 *
 * <p>Like parsers of protocol buffers, the methods accept varints of up to 10 bytes, drop bits
 * beyond 64, and refuse groups more than 100 deep.
 */
public final class WireFormat {
  public static final int VARINT = 0;
  public static final int FIXED64 = 1;
  public static final int LENGTH_DELIMITED = 2;
  public static final int GROUP = 3;
  public static final int FIXED32 = 5;

  private static final int GROUP_END = 4;
  private static final int MAX_NUMBER = (1 << 29) - 1;
  private static final int MAX_VARINT_SIZE = 10;
  private static final int MAX_GROUP_DEPTH = 100;

  private WireFormat() {}

  /** Makes the exception for bytes that are not a message. */
  @FunctionalInterface
  public interface Malformed {
    /**
     * The exception.
     *
     * @param position where the bytes are
     * @param detail why they are not part of a message
     */
    RuntimeException at(long position, String detail);
  }

  /** Where the varint at {@code position} ends. */
  public static long endOfVarint(MemorySegment in, long position, long end, Malformed malformed) {
    for (long at = position; at < end; at++) {
      if (in.get(ValueLayout.JAVA_BYTE, at) >= 0) {
        return at + 1;
      }
      if (at - position == MAX_VARINT_SIZE - 1) {
        throw malformed.at(position, "a number takes more than " + MAX_VARINT_SIZE + " bytes");
      }
    }
    throw malformed.at(position, "the message ends within a number");
  }

  /** The varint from {@code position} to {@code end}, which {@link #endOfVarint} has found. */
  public static long varint(MemorySegment in, long position, long end) {
    long value = 0;
    for (long at = position; at < end; at++) {
      value |= (in.get(ValueLayout.JAVA_BYTE, at) & 0x7fL) << (7 * (at - position));
    }
    return value;
  }

  /**
   * The tag at {@code position}, which must not end a group.
   *
   * @param after where it ends, as {@link #endOfVarint} has found it
   */
  public static int tag(MemorySegment in, long position, long after, Malformed malformed) {
    int tag = anyTag(in, position, after, malformed);
    if ((tag & 7) == GROUP_END) {
      throw malformed.at(position, "group " + (tag >>> 3) + " ends, but has not begun");
    }
    return tag;
  }

  private static int anyTag(MemorySegment in, long position, long after, Malformed malformed) {
    long tag = varint(in, position, after);
    if (tag >>> 3 == 0 || tag >>> 3 > MAX_NUMBER) {
      throw malformed.at(position, "field number " + Long.toUnsignedString(tag >>> 3));
    }
    if ((tag & 7) > FIXED32) {
      throw malformed.at(position, "field " + (tag >>> 3) + " has wire type " + (tag & 7));
    }
    return (int) tag;
  }

  /**
   * Where the value of a field begins: after its length if it has one.
   *
   * @param tag its tag
   * @param position the end of the tag
   */
  public static long valueBegin(
      MemorySegment in, int tag, long position, long end, Malformed malformed) {
    return (tag & 7) == LENGTH_DELIMITED ? endOfVarint(in, position, end, malformed) : position;
  }

  /**
   * Where the value of a field ends; for a group where the tag begins that ends it.
   *
   * @param tag its tag
   * @param position the end of the tag
   */
  public static long valueEnd(
      MemorySegment in, int tag, long position, long end, Malformed malformed) {
    return valueEnd(in, tag, position, end, 1, malformed);
  }

  private static long valueEnd(
      MemorySegment in, int tag, long position, long end, int depth, Malformed malformed) {
    return switch (tag & 7) {
      case VARINT -> endOfVarint(in, position, end, malformed);
      case FIXED64 -> endOfBytes(tag, position, Long.BYTES, position, end, malformed);
      case FIXED32 -> endOfBytes(tag, position, Integer.BYTES, position, end, malformed);
      case LENGTH_DELIMITED -> {
        long begin = endOfVarint(in, position, end, malformed);
        yield endOfBytes(tag, position, varint(in, position, begin), begin, end, malformed);
      }
      default -> endOfGroup(in, tag >>> 3, position, end, depth, malformed);
    };
  }

  private static long endOfBytes(
      int tag, long position, long size, long begin, long end, Malformed malformed) {
    if (size < 0 || size > end - begin) {
      throw malformed.at(
          position,
          "field "
              + (tag >>> 3)
              + " has a value of "
              + Long.toUnsignedString(size)
              + " bytes, where "
              + (end - begin)
              + " follow");
    }
    return begin + size;
  }

  private static long endOfGroup(
      MemorySegment in, int number, long position, long end, int depth, Malformed malformed) {
    if (depth > MAX_GROUP_DEPTH) {
      throw malformed.at(position, "groups are more than " + MAX_GROUP_DEPTH + " deep");
    }
    long at = position;
    while (at < end) {
      long tagEnd = endOfVarint(in, at, end, malformed);
      int tag = anyTag(in, at, tagEnd, malformed);
      if ((tag & 7) == GROUP_END) {
        if (tag >>> 3 != number) {
          throw malformed.at(at, "group " + (tag >>> 3) + " ends within group " + number);
        }
        return at;
      }
      long valueEnd = valueEnd(in, tag, tagEnd, end, depth + 1, malformed);
      at = afterValue(in, tag, valueEnd, end, malformed);
    }
    throw malformed.at(position, "group " + number + " does not end");
  }

  /** Where a field ends whose value ends at {@code valueEnd}. */
  public static long afterValue(
      MemorySegment in, int tag, long valueEnd, long end, Malformed malformed) {
    return (tag & 7) == GROUP ? endOfVarint(in, valueEnd, end, malformed) : valueEnd;
  }

  /**
   * Where the tag ends of the last field with {@code number}, of those that have {@code wireType};
   * -1 if there is none. Reads the complete message.
   *
   * @param wireType -1 for any
   */
  public static long findLast(
      MemorySegment in, long begin, long end, int number, int wireType, Malformed malformed) {
    long found = -1;
    long at = begin;
    while (at < end) {
      long tagEnd = endOfVarint(in, at, end, malformed);
      int tag = tag(in, at, tagEnd, malformed);
      if (tag >>> 3 == number && (wireType < 0 || (tag & 7) == wireType)) {
        found = tagEnd;
      }
      long valueEnd = valueEnd(in, tag, tagEnd, end, malformed);
      at = afterValue(in, tag, valueEnd, end, malformed);
    }
    return found;
  }
}
