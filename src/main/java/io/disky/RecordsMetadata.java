package io.disky;

import io.disky.files.QuotedText;
import io.disky.protobuf.ProtobufFields;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The description of the records in a Riegeli file: the serialized protocol buffer message {@code
 * RecordsMetadata} of Google's {@code records_metadata.proto}. Immutable.
 *
 * <p>All of it is for information; no reader needs it. Fields that this class does not know,
 * extensions among them, are kept byte for byte: programs with a protocol buffer library get them
 * by {@link #toByteArray()}.
 *
 * {@snippet :
 * RecordsMetadata metadata =
 *     RecordsMetadata.empty().withFileComment("what the cat brought in").withNumRecords(2);
 * }
 */
public final class RecordsMetadata {
  private static final int FILE_COMMENT = 1;
  private static final int RECORD_TYPE_NAME = 2;
  private static final int FILE_DESCRIPTOR = 3;
  private static final int RECORD_WRITER_OPTIONS = 4;
  private static final int NUM_RECORDS = 5;

  private static final RecordsMetadata EMPTY = new RecordsMetadata(new byte[0]);

  private final byte[] message;

  // If a field occurs several times, the last value counts, as in all protocol buffers.
  private @Nullable String fileComment;
  private @Nullable String recordTypeName;
  private @Nullable String recordWriterOptions;
  private @Nullable Long numRecords;

  /** Takes over {@code message}. */
  private RecordsMetadata(byte[] message) {
    this.message = message;
    ProtobufFields fields = new ProtobufFields(message);
    while (fields.next()) {
      take(fields);
    }
  }

  private void take(ProtobufFields field) {
    switch (field.number()) {
      case FILE_COMMENT -> fileComment = text(field);
      case RECORD_TYPE_NAME -> recordTypeName = text(field);
      case FILE_DESCRIPTOR -> checkWireType(field, ProtobufFields.LENGTH_DELIMITED);
      case RECORD_WRITER_OPTIONS -> recordWriterOptions = text(field);
      case NUM_RECORDS -> {
        checkWireType(field, ProtobufFields.VARINT);
        numRecords = field.varint();
      }
      default -> {}
    }
  }

  private String text(ProtobufFields field) {
    checkWireType(field, ProtobufFields.LENGTH_DELIMITED);
    ByteBuffer value =
        ByteBuffer.wrap(message, field.valueBegin(), field.end() - field.valueBegin());
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(value).toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          "byte " + value.position() + ": " + name(field.number()) + " is not UTF-8", e);
    }
  }

  private static void checkWireType(ProtobufFields field, int expected) {
    if (field.wireType() != expected) {
      throw new IllegalArgumentException(
          "byte "
              + field.begin()
              + ": "
              + name(field.number())
              + " has wire type "
              + field.wireType()
              + " instead of "
              + expected);
    }
  }

  private static String name(int number) {
    return switch (number) {
      case FILE_COMMENT -> "file_comment";
      case RECORD_TYPE_NAME -> "record_type_name";
      case FILE_DESCRIPTOR -> "file_descriptor";
      case RECORD_WRITER_OPTIONS -> "record_writer_options";
      default -> "num_records";
    };
  }

  /** Metadata without fields. */
  public static RecordsMetadata empty() {
    return EMPTY;
  }

  /**
   * Parses a serialized {@code RecordsMetadata} message. If a field that is not repeated occurs
   * several times, the last value counts.
   *
   * @throws IllegalArgumentException if {@code message} is not a protocol buffer message, or a
   *     field of {@code RecordsMetadata} has another wire type, or its text is not UTF-8; the
   *     message says at which offset
   */
  public static RecordsMetadata parse(byte[] message) {
    try {
      return new RecordsMetadata(message.clone());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("not a RecordsMetadata message: " + e.getMessage(), e);
    }
  }

  /** The serialized message. If it was {@linkplain #parse parsed}, these are the same bytes. */
  public byte[] toByteArray() {
    return message.clone();
  }

  /** An explanation of what the file contains, for people. */
  public Optional<String> fileComment() {
    return Optional.ofNullable(fileComment);
  }

  /** The full name of the type of the records, if they are protocol buffer messages of one type. */
  public Optional<String> recordTypeName() {
    return Optional.ofNullable(recordTypeName);
  }

  /** How the file was once written, in the form of Riegeli's {@code record_writer_options.md}. */
  public Optional<String> recordWriterOptions() {
    return Optional.ofNullable(recordWriterOptions);
  }

  /**
   * The number of records that the program that wrote the file expected. It can be wrong, even
   * negative: {@link RecordReader#recordCount()} counts the records.
   */
  public OptionalLong numRecords() {
    return numRecords == null ? OptionalLong.empty() : OptionalLong.of(numRecords);
  }

  /**
   * Serialized {@code google.protobuf.FileDescriptorProto} messages, which define {@link
   * #recordTypeName()} and the types that it uses. Each file comes after the files that it imports.
   * The messages are not checked.
   *
   * @return copies, in order, in an immutable list
   */
  public List<byte[]> fileDescriptors() {
    List<byte[]> descriptors = new ArrayList<>();
    ProtobufFields fields = new ProtobufFields(message);
    while (fields.next()) {
      if (fields.number() == FILE_DESCRIPTOR) {
        descriptors.add(Arrays.copyOfRange(message, fields.valueBegin(), fields.end()));
      }
    }
    return List.copyOf(descriptors);
  }

  /**
   * These metadata with another comment.
   *
   * @throws IllegalArgumentException if {@code comment} has surrogates without their counterparts
   */
  public RecordsMetadata withFileComment(String comment) {
    Objects.requireNonNull(comment, "comment");
    return withText(FILE_COMMENT, comment);
  }

  /**
   * These metadata with another record type.
   *
   * @param name a full name, with its package, such as {@code example.Event}
   * @throws IllegalArgumentException if {@code name} has surrogates without their counterparts
   */
  public RecordsMetadata withRecordTypeName(String name) {
    Objects.requireNonNull(name, "name");
    return withText(RECORD_TYPE_NAME, name);
  }

  /**
   * These metadata with other writer options. They change nothing about a file that is written.
   *
   * @param options in the form of Riegeli's {@code record_writer_options.md}; not checked
   * @throws IllegalArgumentException if {@code options} has surrogates without their counterparts
   */
  public RecordsMetadata withRecordWriterOptions(String options) {
    Objects.requireNonNull(options, "options");
    return withText(RECORD_WRITER_OPTIONS, options);
  }

  /**
   * These metadata with another number of records. A writer does not check it.
   *
   * @param count at least 0
   * @throws IllegalArgumentException if {@code count} is negative
   */
  public RecordsMetadata withNumRecords(long count) {
    if (count < 0) {
      throw new IllegalArgumentException("the number of records is negative: " + count);
    }
    ByteArrayOutputStream field = tag(NUM_RECORDS, ProtobufFields.VARINT);
    putVarint(field, count);
    return replaced(NUM_RECORDS, field);
  }

  /**
   * These metadata with one more descriptor of a file, after the existing ones.
   *
   * @param descriptor a serialized {@code google.protobuf.FileDescriptorProto} message; copied, not
   *     checked
   */
  public RecordsMetadata withFileDescriptor(byte[] descriptor) {
    Objects.requireNonNull(descriptor, "descriptor");
    return added(FILE_DESCRIPTOR, lengthDelimited(FILE_DESCRIPTOR, ByteBuffer.wrap(descriptor)));
  }

  private RecordsMetadata withText(int number, String text) {
    try {
      ByteBuffer value = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      return replaced(number, lengthDelimited(number, value));
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(name(number) + " cannot be written as UTF-8", e);
    }
  }

  private static ByteArrayOutputStream lengthDelimited(int number, ByteBuffer value) {
    ByteArrayOutputStream field = tag(number, ProtobufFields.LENGTH_DELIMITED);
    putVarint(field, value.remaining());
    field.write(value.array(), value.arrayOffset() + value.position(), value.remaining());
    return field;
  }

  private static ByteArrayOutputStream tag(int number, int wireType) {
    ByteArrayOutputStream field = new ByteArrayOutputStream();
    putVarint(field, (long) number << 3 | wireType);
    return field;
  }

  private static void putVarint(ByteArrayOutputStream out, long value) {
    long rest = value;
    while (rest > 0x7f) {
      out.write(((int) rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  /** These metadata with {@code field} in place of all fields with its number. */
  private RecordsMetadata replaced(int number, ByteArrayOutputStream field) {
    ByteArrayOutputStream others = new ByteArrayOutputStream(message.length);
    ProtobufFields fields = new ProtobufFields(message);
    while (fields.next()) {
      if (fields.number() != number) {
        others.write(message, fields.begin(), fields.end() - fields.begin());
      }
    }
    return new RecordsMetadata(others.toByteArray()).added(number, field);
  }

  /**
   * These metadata with {@code field} after the fields with the same or a lower number, so that the
   * bytes do not depend on the order of calls.
   */
  private RecordsMetadata added(int number, ByteArrayOutputStream field) {
    int place = place(number);
    ByteArrayOutputStream result = new ByteArrayOutputStream(message.length + field.size());
    result.write(message, 0, place);
    result.writeBytes(field.toByteArray());
    result.write(message, place, message.length - place);
    return new RecordsMetadata(result.toByteArray());
  }

  private int place(int number) {
    int firstHigher = message.length;
    int lastEqual = -1;
    ProtobufFields fields = new ProtobufFields(message);
    while (fields.next()) {
      if (fields.number() == number) {
        lastEqual = fields.end();
      } else if (fields.number() > number) {
        firstHigher = Math.min(firstHigher, fields.begin());
      }
    }
    return lastEqual < 0 ? firstHigher : lastEqual;
  }

  /** Returns whether {@code other} is a {@code RecordsMetadata} with the same bytes. */
  @Override
  public boolean equals(Object other) {
    return other instanceof RecordsMetadata that && Arrays.equals(message, that.message);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(message);
  }

  @Override
  public String toString() {
    return "RecordsMetadata["
        + (fileComment == null ? "" : "fileComment=" + QuotedText.line(fileComment) + ", ")
        + (recordTypeName == null ? "" : "recordTypeName=" + QuotedText.line(recordTypeName) + ", ")
        + message.length
        + " bytes]";
  }
}
