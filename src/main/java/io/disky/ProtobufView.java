package io.disky;

import io.disky.protobuf.WireFormat;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads single fields of a protocol buffer message in a segment, such as a record, without parsing
 * the rest and without generated classes. It copies nothing but strings.
 *
 * {@snippet :
 * for (MemorySegment record : reader) {
 *   ProtobufView message = ProtobufView.of(record);
 *   long id = message.getInt64(1);
 *   ProtobufView place = message.getMessage(3);
 *   double latitude = place == null ? 0 : place.getDouble(2);
 * }
 * }
 *
 * <p>Fields have numbers, as in the definition of the message; the caller knows their types. Each
 * {@code get} method reads the message from its beginning to its end: if a field that is not
 * repeated occurs several times, the last one counts, as for a parser. So to read many fields of a
 * large message, go over {@link #fields()} once. A field whose wire type does not fit the method
 * does not count, as for a parser, which treats it as an unknown field. If a field does not occur,
 * the result is the default value of protocol buffers.
 *
 * <p>A view has the lifetime and the thread of its segment: it reads the segment with each call,
 * and throws what the segment throws, for example an {@link IllegalStateException} if the record's
 * chunk was left. Submessages and {@code bytes} are views of, and parts of, the same segment.
 * Methods for numbers allocate no memory.
 *
 * <p>Every method that reads throws a {@link MalformedMessageException} if the bytes are not a
 * message: the fields of the message are checked, but not those of its submessages, nor the
 * contents of strings. No method reads outside the message. If another thread changes the bytes
 * meanwhile, values are arbitrary.
 */
public final class ProtobufView {
  static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final WireFormat.Malformed MALFORMED = MalformedMessageException::new;

  private static final int ANY = -1;

  private final MemorySegment segment;
  private final long begin;
  private final long end;

  ProtobufView(MemorySegment segment, long begin, long end) {
    this.segment = segment;
    this.begin = begin;
    this.end = end;
  }

  /** A view of the message that is all of {@code message}. Reads nothing yet. */
  public static ProtobufView of(MemorySegment message) {
    return new ProtobufView(message, 0, message.byteSize());
  }

  /** The message as a part of its segment, without a copy. */
  public MemorySegment segment() {
    return segment.asSlice(begin, end - begin);
  }

  /** Whether the message has the field {@code number}, with any wire type. */
  public boolean has(int number) {
    return find(number, ANY) >= 0;
  }

  /** The value of a field of the type {@code int32}, {@code uint32} or an enumeration; or 0. */
  public int getInt32(int number) {
    return (int) getInt64(number);
  }

  /** The value of a field of the type {@code int64} or {@code uint64}; or 0. */
  public long getInt64(int number) {
    long at = find(number, WireFormat.VARINT);
    return at < 0 ? 0 : varint(segment, at, end);
  }

  /** The value of a field of the type {@code sint32}; or 0. */
  public int getSint32(int number) {
    return zigzag(getInt32(number));
  }

  /** The value of a field of the type {@code sint64}; or 0. */
  public long getSint64(int number) {
    return zigzag(getInt64(number));
  }

  /** The value of a field of the type {@code bool}; or {@code false}. */
  public boolean getBool(int number) {
    return getInt64(number) != 0;
  }

  /** The value of a field of the type {@code fixed32} or {@code sfixed32}; or 0. */
  public int getFixed32(int number) {
    long at = find(number, WireFormat.FIXED32);
    return at < 0 ? 0 : segment.get(INT, at);
  }

  /** The value of a field of the type {@code fixed64} or {@code sfixed64}; or 0. */
  public long getFixed64(int number) {
    long at = find(number, WireFormat.FIXED64);
    return at < 0 ? 0 : segment.get(LONG, at);
  }

  /** The value of a field of the type {@code float}; or 0. */
  public float getFloat(int number) {
    return Float.intBitsToFloat(getFixed32(number));
  }

  /** The value of a field of the type {@code double}; or 0. */
  public double getDouble(int number) {
    return Double.longBitsToDouble(getFixed64(number));
  }

  /**
   * The value of a field of the type {@code bytes}, a string, or a submessage as its bytes: a part
   * of the segment. It is empty if the field does not occur.
   */
  public MemorySegment getBytes(int number) {
    ProtobufView value = delimited(number);
    return value == null ? segment.asSlice(begin, 0) : value.segment();
  }

  /**
   * The value of a field of the type {@code string}; or an empty string. Bytes that are not UTF-8
   * become {@code U+FFFD}.
   */
  public String getString(int number) {
    ProtobufView value = delimited(number);
    return value == null ? "" : string(value.segment());
  }

  /**
   * The submessage in a field; {@code null} if the field does not occur. A parser merges the
   * submessages of a field that occurs several times although it is not repeated; this is the last
   * one.
   */
  public @Nullable ProtobufView getMessage(int number) {
    return delimited(number);
  }

  /** The group in a field; {@code null} if the field does not occur. */
  public @Nullable ProtobufView getGroup(int number) {
    return view(number, WireFormat.GROUP);
  }

  private @Nullable ProtobufView delimited(int number) {
    return view(number, WireFormat.LENGTH_DELIMITED);
  }

  private @Nullable ProtobufView view(int number, int wireType) {
    long at = find(number, wireType);
    if (at < 0) {
      return null;
    }
    int tag = number << 3 | wireType;
    return new ProtobufView(
        segment,
        WireFormat.valueBegin(segment, tag, at, end, MALFORMED),
        WireFormat.valueEnd(segment, tag, at, end, MALFORMED));
  }

  /**
   * The values of a repeated field, in order. Fields of numbers may be packed or not, or both.
   *
   * @param type the wire type of a value that is not packed
   */
  public ProtobufCursor repeated(int number, ProtobufCursor.WireType type) {
    checkNumber(number);
    Objects.requireNonNull(type, "type");
    return new ProtobufCursor(segment, begin, end, number, type);
  }

  /** All fields, in the order of their bytes. */
  public ProtobufCursor fields() {
    return new ProtobufCursor(segment, begin, end, 0, ProtobufCursor.WireType.VARINT);
  }

  private long find(int number, int wireType) {
    checkNumber(number);
    return WireFormat.findLast(segment, begin, end, number, wireType, MALFORMED);
  }

  private static void checkNumber(int number) {
    if (number < 1 || number > FieldProjection.MAX_FIELD_NUMBER) {
      throw new IllegalArgumentException(
          "field number " + number + " is outside 1 to " + FieldProjection.MAX_FIELD_NUMBER);
    }
  }

  static long varint(MemorySegment segment, long at, long end) {
    return WireFormat.varint(segment, at, WireFormat.endOfVarint(segment, at, end, MALFORMED));
  }

  static int zigzag(int value) {
    return value >>> 1 ^ -(value & 1);
  }

  static long zigzag(long value) {
    return value >>> 1 ^ -(value & 1);
  }

  static String string(MemorySegment bytes) {
    return new String(bytes.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
  }

  /** Where the message begins and ends in its segment. */
  @Override
  public String toString() {
    return "ProtobufView[bytes " + begin + " to " + end + "]";
  }
}
