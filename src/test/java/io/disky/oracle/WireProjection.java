package io.disky.oracle;

import io.disky.FieldProjection;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * An independent projection of records: it parses the complete record, and leaves out fields. It
 * follows the description of {@link FieldProjection}.
 */
public final class WireProjection {
  private static final int MAX_DEPTH = 100;

  /**
   * A field of a message in its shortest form.
   *
   * @param tag where the tag begins
   * @param value where the value begins, after its length
   * @param end where the value ends, before the tag that ends a group
   * @param after where the field ends
   */
  private record Field(
      int number, int wireType, int tag, int lengthBegin, int value, int end, int after) {}

  private final byte[] bytes;

  private WireProjection(byte[] bytes) {
    this.bytes = bytes;
  }

  /** What {@code projection} leaves of {@code record}, which lies in a transposed chunk. */
  public static byte[] of(byte[] record, FieldProjection projection) {
    WireProjection wire = new WireProjection(record);
    List<Field> fields = wire.fields(0, record.length);
    if (projection.includesAll() || fields == null) {
      return record;
    }
    return wire.message(fields, projection.paths(), 0);
  }

  /** What {@code projection} leaves of {@code records}. */
  public static List<byte[]> of(List<byte[]> records, FieldProjection projection) {
    return records.stream().map(record -> of(record, projection)).toList();
  }

  private byte[] message(List<Field> fields, List<List<Integer>> paths, int depth) {
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    for (Field field : fields) {
      List<List<Integer>> rests =
          paths.stream()
              .filter(path -> path.getFirst() == field.number)
              .map(path -> path.subList(1, path.size()))
              .toList();
      if (!rests.isEmpty()) {
        write(field, rests, depth, message);
      }
    }
    return message.toByteArray();
  }

  private void write(Field field, List<List<Integer>> rests, int depth, ByteArrayOutputStream to) {
    to.write(bytes, field.tag, field.lengthBegin - field.tag);
    if (rests.stream().anyMatch(List::isEmpty)) {
      to.write(bytes, field.lengthBegin, field.after - field.lengthBegin);
      return;
    }
    List<List<Integer>> inner = rests.stream().filter(rest -> rest.getFirst() != 0).toList();
    boolean existence = inner.isEmpty();
    switch (field.wireType) {
      case 0 -> writeValue(field, existence ? new byte[1] : null, to);
      case 1, 5 -> writeValue(field, existence ? new byte[field.end - field.value] : null, to);
      case 2 -> {
        List<Field> fields =
            existence || field.value == field.end || depth >= MAX_DEPTH
                ? null
                : fields(field.value, field.end);
        if (fields == null) {
          writeValue(field, existence ? new byte[1] : null, to);
        } else {
          byte[] message = message(fields, inner, depth + 1);
          to.writeBytes(SimpleChunkData.prefixed(message.length, message));
        }
      }
      default -> {
        List<Field> fields = fields(field.value, field.end);
        to.writeBytes(message(fields == null ? List.of() : fields, inner, depth + 1));
        to.write(bytes, field.end, field.after - field.end);
      }
    }
  }

  private void writeValue(Field field, byte[] value, ByteArrayOutputStream to) {
    if (value == null) {
      to.write(bytes, field.lengthBegin, field.after - field.lengthBegin);
    } else {
      to.writeBytes(value);
    }
  }

  /** The fields of a message in its shortest form; {@code null} if the bytes are not one. */
  private List<Field> fields(int begin, int end) {
    List<Field> fields = new ArrayList<>();
    int at = begin;
    while (at < end) {
      Field field = field(at, end);
      if (field == null) {
        return null;
      }
      fields.add(field);
      at = field.after;
    }
    return fields;
  }

  private Field field(int begin, int end) {
    int value = endOfVarint(begin, end);
    if (value < 0) {
      return null;
    }
    long tag = varint(begin, value);
    if (tag >>> 32 != 0 || tag >>> 3 == 0) {
      return null;
    }
    int number = (int) (tag >>> 3);
    int wireType = (int) (tag & 7);
    int after =
        switch (wireType) {
          case 0 -> endOfVarint(value, end);
          case 1 -> value + 8;
          case 5 -> value + 4;
          case 2 -> endOfDelimited(value, end);
          case 3 -> endOfGroup(value, end, number);
          default -> -1;
        };
    if (after < 0 || after > end) {
      return null;
    }
    int inner = wireType == 2 ? endOfVarint(value, end) : value;
    int innerEnd = wireType == 3 ? after - (value - begin) : after;
    return new Field(number, wireType, begin, value, inner, innerEnd, after);
  }

  private int endOfDelimited(int begin, int end) {
    int value = endOfVarint(begin, end);
    if (value < 0) {
      return -1;
    }
    long length = varint(begin, value);
    return length < 0 || length > end - value ? -1 : value + (int) length;
  }

  private int endOfGroup(int begin, int end, int number) {
    int at = begin;
    while (at < end) {
      int value = endOfVarint(at, end);
      if (value < 0) {
        return -1;
      }
      long tag = varint(at, value);
      if ((tag & 7) == 4) {
        return tag >>> 3 == number ? value : -1;
      }
      Field field = field(at, end);
      if (field == null) {
        return -1;
      }
      at = field.after;
    }
    return -1;
  }

  /** Where a varint ends; -1 if it is longer than necessary, or than 10 bytes. */
  private int endOfVarint(int begin, int end) {
    for (int at = begin; at < Math.min(end, begin + 10); at++) {
      if (bytes[at] >= 0) {
        boolean shortest = at == begin || bytes[at] != 0;
        boolean fits = at < begin + 9 || bytes[at] == 1;
        return shortest && fits ? at + 1 : -1;
      }
    }
    return -1;
  }

  private long varint(int begin, int end) {
    long value = 0;
    for (int at = end - 1; at >= begin; at--) {
      value = value << 7 | (bytes[at] & 0x7f);
    }
    return value;
  }
}
