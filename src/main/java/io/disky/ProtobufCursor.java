package io.disky;

import static io.disky.ProtobufView.MALFORMED;

import io.disky.protobuf.WireFormat;
import java.lang.foreign.MemorySegment;

/**
 * Goes over the fields of a {@link ProtobufView}, or over the values of one of its repeated fields.
 * It has the lifetime and the thread of its segment, and allocates no memory after it was made.
 *
 * {@snippet :
 * long sum = 0;
 * ProtobufCursor values = message.repeated(4, ProtobufCursor.WireType.VARINT);
 * while (values.next()) {
 *   sum += values.getInt64();
 * }
 * }
 *
 * <p>{@link #next()} throws a {@link MalformedMessageException} if the bytes that follow are not a
 * field. The methods for the value throw an {@link IllegalStateException} before the first {@link
 * #next()}, after the last one, and if the value has another wire type.
 */
public final class ProtobufCursor {
  /** The form of a value in a message. It does not determine the type: the definition does. */
  public enum WireType {
    /**
     * Integers of the types {@code int}, {@code uint} and {@code sint}, enumerations, {@code bool}.
     */
    VARINT(WireFormat.VARINT),
    /** {@code fixed64}, {@code sfixed64}, {@code double}. */
    FIXED64(WireFormat.FIXED64),
    /** {@code string}, {@code bytes}, submessages, packed numbers. */
    LENGTH_DELIMITED(WireFormat.LENGTH_DELIMITED),
    /** Groups. */
    GROUP(WireFormat.GROUP),
    /** {@code fixed32}, {@code sfixed32}, {@code float}. */
    FIXED32(WireFormat.FIXED32);

    private final int value;

    WireType(int value) {
      this.value = value;
    }

    private boolean canBePacked() {
      return this == VARINT || this == FIXED64 || this == FIXED32;
    }

    private static WireType of(int tag) {
      return switch (tag & 7) {
        case WireFormat.VARINT -> VARINT;
        case WireFormat.FIXED64 -> FIXED64;
        case WireFormat.LENGTH_DELIMITED -> LENGTH_DELIMITED;
        case WireFormat.FIXED32 -> FIXED32;
        default -> GROUP;
      };
    }
  }

  private static final int ALL = 0;

  private final MemorySegment segment;
  private final long end;
  private final int wanted;
  private final WireType wantedType;

  // Where the next field begins.
  private long next;

  // The rest of the packed values of the current field.
  private long packed;
  private long packedEnd;

  private boolean hasValue;
  private int number;
  private WireType type;
  private long valueBegin;
  private long valueEnd;

  ProtobufCursor(MemorySegment segment, long begin, long end, int wanted, WireType wantedType) {
    this.segment = segment;
    this.end = end;
    this.wanted = wanted;
    this.wantedType = wantedType;
    this.type = wantedType;
    this.next = begin;
  }

  /** Moves to the next field or value; returns {@code false} if there is none. */
  public boolean next() {
    hasValue = false;
    while (packed < packedEnd || next < end) {
      if (packed < packedEnd) {
        nextPacked();
        return true;
      }
      nextField();
      if (wanted == ALL || (number == wanted && type == wantedType)) {
        hasValue = true;
        return true;
      }
      if (number == wanted && type == WireType.LENGTH_DELIMITED && wantedType.canBePacked()) {
        packed = valueBegin;
        packedEnd = valueEnd;
      }
    }
    return false;
  }

  private void nextField() {
    long tagEnd = WireFormat.endOfVarint(segment, next, end, MALFORMED);
    int tag = WireFormat.tag(segment, next, tagEnd, MALFORMED);
    valueEnd = WireFormat.valueEnd(segment, tag, tagEnd, end, MALFORMED);
    valueBegin = WireFormat.valueBegin(segment, tag, tagEnd, end, MALFORMED);
    next = WireFormat.afterValue(segment, tag, valueEnd, end, MALFORMED);
    number = tag >>> 3;
    type = WireType.of(tag);
  }

  private void nextPacked() {
    int tag = wanted << 3 | wantedType.value;
    valueEnd = WireFormat.valueEnd(segment, tag, packed, packedEnd, MALFORMED);
    valueBegin = packed;
    packed = valueEnd;
    number = wanted;
    type = wantedType;
    hasValue = true;
  }

  /** The number of the field. */
  public int number() {
    checkHasValue();
    return number;
  }

  /** The wire type of the value. */
  public WireType wireType() {
    checkHasValue();
    return type;
  }

  /** The value as {@code int32}, {@code uint32} or an enumeration. */
  public int getInt32() {
    return (int) getInt64();
  }

  /** The value as {@code int64} or {@code uint64}. */
  public long getInt64() {
    check(WireType.VARINT);
    return WireFormat.varint(segment, valueBegin, valueEnd);
  }

  /** The value as {@code sint32}. */
  public int getSint32() {
    return ProtobufView.zigzag(getInt32());
  }

  /** The value as {@code sint64}. */
  public long getSint64() {
    return ProtobufView.zigzag(getInt64());
  }

  /** The value as {@code bool}. */
  public boolean getBool() {
    return getInt64() != 0;
  }

  /** The value as {@code fixed32} or {@code sfixed32}. */
  public int getFixed32() {
    check(WireType.FIXED32);
    return segment.get(ProtobufView.INT, valueBegin);
  }

  /** The value as {@code fixed64} or {@code sfixed64}. */
  public long getFixed64() {
    check(WireType.FIXED64);
    return segment.get(ProtobufView.LONG, valueBegin);
  }

  /** The value as {@code float}. */
  public float getFloat() {
    return Float.intBitsToFloat(getFixed32());
  }

  /** The value as {@code double}. */
  public double getDouble() {
    return Double.longBitsToDouble(getFixed64());
  }

  /** The value as {@code bytes}: a part of the segment, without a copy. */
  public MemorySegment getBytes() {
    check(WireType.LENGTH_DELIMITED);
    return segment.asSlice(valueBegin, valueEnd - valueBegin);
  }

  /** The value as {@code string}; bytes that are not UTF-8 become {@code U+FFFD}. */
  public String getString() {
    return ProtobufView.string(getBytes());
  }

  /** The value as a submessage. */
  public ProtobufView getMessage() {
    check(WireType.LENGTH_DELIMITED);
    return new ProtobufView(segment, valueBegin, valueEnd);
  }

  /** The value as a group. */
  public ProtobufView getGroup() {
    check(WireType.GROUP);
    return new ProtobufView(segment, valueBegin, valueEnd);
  }

  private void check(WireType expected) {
    checkHasValue();
    if (type != expected) {
      throw new IllegalStateException(
          "field " + number + " has the wire type " + type + ", not " + expected);
    }
  }

  private void checkHasValue() {
    if (!hasValue) {
      throw new IllegalStateException("the cursor is not at a field: call next() first");
    }
  }
}
