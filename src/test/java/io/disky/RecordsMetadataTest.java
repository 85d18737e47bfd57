package io.disky;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.disky.oracle.BlockLayout;
import io.disky.oracle.ChunkTypes;
import io.disky.oracle.ForgedChunk;
import io.disky.oracle.GoldenManifest;
import io.disky.oracle.RecordFileForge;
import io.disky.testing.SampleRecords;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecordsMetadataTest {
  private static final RecordsMetadata EMPTY = RecordsMetadata.empty();

  /** Bytes of characters up to 255, one each. */
  private static byte[] bytes(String text) {
    return text.getBytes(ISO_8859_1);
  }

  private static RecordsMetadata parse(String message) {
    return RecordsMetadata.parse(bytes(message));
  }

  // What is in a message

  @Test
  void emptyMetadataSayNothing() {
    assertThat(EMPTY.fileComment()).isEmpty();
    assertThat(EMPTY.recordTypeName()).isEmpty();
    assertThat(EMPTY.recordWriterOptions()).isEmpty();
    assertThat(EMPTY.numRecords()).isEmpty();
    assertThat(EMPTY.fileDescriptors()).isEmpty();
    assertThat(EMPTY.toByteArray()).isEmpty();
    assertThat(RecordsMetadata.parse(new byte[0])).isEqualTo(EMPTY);
  }

  @Test
  void fieldsHaveTheNumbersOfTheProtoFile() {
    RecordsMetadata metadata = parse("\n\4what\22\4T.pe\32\1a\32\0\32\2bc\"\7default(\u0096\1");
    assertThat(metadata.fileComment()).contains("what");
    assertThat(metadata.recordTypeName()).contains("T.pe");
    assertThat(metadata.fileDescriptors()).containsExactly(bytes("a"), new byte[0], bytes("bc"));
    assertThat(metadata.recordWriterOptions()).contains("default");
    assertThat(metadata.numRecords()).hasValue(150);
  }

  @Test
  void fieldsAreWrittenAsProtocolBuffersAre() {
    assertThat(
            EMPTY
                .withFileComment("what")
                .withRecordTypeName("T.pe")
                .withFileDescriptor(bytes("a"))
                .withFileDescriptor(new byte[0])
                .withRecordWriterOptions("default")
                .withNumRecords(150)
                .toByteArray())
        .isEqualTo(bytes("\n\4what\22\4T.pe\32\1a\32\0\"\7default(\u0096\1"));
  }

  @Test
  void lastOfSeveralCounts() {
    RecordsMetadata metadata = parse("\n\1a\22\1b\"\1c(\1\n\1A\22\1B\"\1C(\2");
    assertThat(metadata.fileComment()).contains("A");
    assertThat(metadata.recordTypeName()).contains("B");
    assertThat(metadata.recordWriterOptions()).contains("C");
    assertThat(metadata.numRecords()).hasValue(2);
  }

  @Test
  void emptyTextIsText() {
    assertThat(parse("\n\0").fileComment()).contains("");
    assertThat(EMPTY.withFileComment("").toByteArray()).isEqualTo(bytes("\n\0"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "cats", "Katzen über alles", "猫", "😸", "\0", "\ufeff\uffff"})
  void textIsUtf8(String text) {
    RecordsMetadata metadata = EMPTY.withFileComment(text);
    byte[] message = metadata.toByteArray();
    assertThat(Arrays.copyOfRange(message, 2, message.length)).isEqualTo(text.getBytes(UTF_8));
    assertThat(RecordsMetadata.parse(message).fileComment()).contains(text);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 127, 128, 16_383, 16_384, Integer.MAX_VALUE, Long.MAX_VALUE})
  void numbersAreVarints(long count) {
    RecordsMetadata metadata = EMPTY.withNumRecords(count);
    int bits = Math.max(1, Long.SIZE - Long.numberOfLeadingZeros(count));
    assertThat(metadata.toByteArray()).hasSize(1 + Math.ceilDiv(bits, 7));
    assertThat(RecordsMetadata.parse(metadata.toByteArray()).numRecords()).hasValue(count);
  }

  @Test
  void numbersMayBeOverLongOrNegative() {
    assertThat(parse("(\u0081\u0080\u0080\0").numRecords()).hasValue(1);
    assertThat(parse("(" + "\u00ff".repeat(9) + "\1").numRecords()).hasValue(-1);
    assertThat(parse("(" + "\u00ff".repeat(9) + "\u007f").numRecords()).hasValue(-1);
    assertThat(parse("\u008a\u0080\0\1a").fileComment()).contains("a");
  }

  // What is not known here

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0\5", // field 6, a varint
        "1\1\2\3\4\5\6\7\10", // 64 bits
        "2\3abc", // bytes
        "3(xA\0\0\0\0\0\0\0\0004", // a group with fields of its own
        "5\1\2\3\4", // 32 bits
        "\300>\7", // field 1000, the first extension
        "\370\377\377\377\17\0", // field 2^29 - 1, the last one
      })
  void unknownFieldsAreKept(String field) {
    byte[] message = bytes(field + "\n\1a" + field);
    RecordsMetadata metadata = RecordsMetadata.parse(message);
    assertThat(metadata.fileComment()).contains("a");
    assertThat(metadata.toByteArray()).isEqualTo(message);
    assertThat(metadata.withFileComment("b").toByteArray())
        .isEqualTo(bytes("\n\1b" + field + field));
  }

  @Test
  void fieldsWithinAGroupAreTheGroups() {
    RecordsMetadata metadata = parse("s\n\1a\10\1(\7t");
    assertThat(metadata.fileComment()).isEmpty();
    assertThat(metadata.numRecords()).isEmpty();
    assertThat(metadata.withFileComment("b").toByteArray())
        .isEqualTo(bytes("\n\1bs\n\1a\10\1(\7t"));
  }

  @Test
  void groupsMayBeNestedAHundredTimes() {
    byte[] deepest = bytes("s".repeat(100) + "t".repeat(100));
    assertThat(RecordsMetadata.parse(deepest).toByteArray()).isEqualTo(deepest);
    refuses("s".repeat(101) + "t".repeat(101), "byte 100: groups are more than 100 deep");
    refuses("s".repeat(10_000_000), "byte 100: groups are more than 100 deep");
  }

  // What is refused

  private static void refuses(String message, String reason) {
    assertThatIllegalArgumentException()
        .as(() -> Arrays.toString(Arrays.copyOf(bytes(message), Math.min(message.length(), 20))))
        .isThrownBy(() -> parse(message))
        .withMessage("not a RecordsMetadata message: " + reason);
  }

  @Test
  void wrongWireTypesAreRefused() {
    refuses("\10\1", "byte 0: file_comment has wire type 0 instead of 2");
    refuses("\n\1a\25\1\2\3\4", "byte 3: record_type_name has wire type 5 instead of 2");
    refuses("\33\34", "byte 0: file_descriptor has wire type 3 instead of 2");
    refuses("!12345678", "byte 0: record_writer_options has wire type 1 instead of 2");
    refuses("*\0", "byte 0: num_records has wire type 2 instead of 0");
  }

  @ParameterizedTest
  @CsvSource({"1, file_comment", "2, record_type_name", "4, record_writer_options"})
  void badUtf8IsRefused(int number, String name) {
    String tag = "" + (char) (number * 8 + 2);
    for (String bad : new String[] {"\u0080", "\u00c0\u0080", "\u00ed\u00a0\u0080", "\u00c3"}) {
      String value = "ab" + bad;
      refuses(tag + (char) value.length() + value, "byte 4: " + name + " is not UTF-8");
    }
  }

  @Test
  void whatIsNoMessageIsRefused() {
    refuses("\200", "byte 0: the message ends within a number");
    refuses("(", "byte 1: the message ends within a number");
    refuses("(\200\200", "byte 1: the message ends within a number");
    refuses("(" + "\200".repeat(10) + "\1", "byte 1: a number takes more than 10 bytes");
    refuses("\n\2a", "byte 0: field 1 has a value of 2 bytes, where 1 follow");
    refuses("0\0001\1\2\3", "byte 2: field 6 has a value of 8 bytes, where 3 follow");
    refuses("5\1\2\3", "byte 0: field 6 has a value of 4 bytes, where 3 follow");
    refuses("\0\1", "byte 0: field number 0");
    refuses("\200\200\200\200\20\1", "byte 0: field number 536870912");
    refuses("\377".repeat(9) + "\1", "byte 0: field number 2305843009213693951");
    refuses("6\0", "byte 0: field 6 has wire type 6");
    refuses("7\0", "byte 0: field 6 has wire type 7");
    refuses("\n\1a4", "byte 3: group 6 ends, but has not begun");
    refuses("\n\1a3(\1", "byte 3: group 6 does not end");
    refuses("3;4", "byte 2: group 6 ends within group 7");
    refuses("37", "byte 1: field 6 has wire type 7");
  }

  @ParameterizedTest
  @ValueSource(longs = {Integer.MAX_VALUE, 1L << 31, 1L << 32, (1L << 32) + 1, 1L << 62, -1, -2})
  void sizesAreNotTrusted(long size) {
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    message.write('\n');
    long rest = size;
    do {
      message.write((int) (rest & 0x7f) | (rest >>> 7 == 0 ? 0 : 0x80));
      rest >>>= 7;
    } while (rest != 0);
    message.write('a');
    refuses(
        message.toString(ISO_8859_1),
        "byte 0: field 1 has a value of " + Long.toUnsignedString(size) + " bytes, where 1 follow");
  }

  @Test
  void valuesThatCannotBeAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EMPTY.withFileComment("a\ud800b"))
        .withMessage("file_comment cannot be written as UTF-8");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EMPTY.withRecordTypeName("\udc00"))
        .withMessage("record_type_name cannot be written as UTF-8");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EMPTY.withRecordWriterOptions("\udc00"))
        .withMessage("record_writer_options cannot be written as UTF-8");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EMPTY.withNumRecords(-1))
        .withMessage("the number of records is negative: -1");
  }

  @Test
  void nullIsRefused() {
    assertThatNullPointerException().isThrownBy(() -> RecordsMetadata.parse(null));
    assertThatNullPointerException()
        .isThrownBy(() -> EMPTY.withFileComment(null))
        .withMessage("comment");
    assertThatNullPointerException()
        .isThrownBy(() -> EMPTY.withRecordTypeName(null))
        .withMessage("name");
    assertThatNullPointerException()
        .isThrownBy(() -> EMPTY.withRecordWriterOptions(null))
        .withMessage("options");
    assertThatNullPointerException()
        .isThrownBy(() -> EMPTY.withFileDescriptor(null))
        .withMessage("descriptor");
  }

  // Changes

  @Test
  void changesReplaceEveryFormerValue() {
    RecordsMetadata metadata = parse("\n\1a0\5\n\1b(\1(\2");
    assertThat(metadata.withFileComment("c").toByteArray()).isEqualTo(bytes("\n\1c0\5(\1(\2"));
    assertThat(metadata.withNumRecords(3).toByteArray()).isEqualTo(bytes("\n\1a(\0030\5\n\1b"));
    assertThat(metadata).isEqualTo(parse("\n\1a0\5\n\1b(\1(\2"));
  }

  @Test
  void orderOfChangesDoesNotShow() {
    RecordsMetadata forward =
        EMPTY.withFileComment("a").withRecordTypeName("b").withRecordWriterOptions("c");
    RecordsMetadata backward =
        EMPTY.withRecordWriterOptions("c").withRecordTypeName("b").withFileComment("a");
    assertThat(forward).isEqualTo(backward);
  }

  @Test
  void descriptorsKeepTheirOrder() {
    RecordsMetadata metadata = parse("(\1\32\1a").withFileDescriptor(bytes("b"));
    assertThat(metadata.fileDescriptors()).containsExactly(bytes("a"), bytes("b"));
    assertThat(metadata.numRecords()).hasValue(1);
  }

  @Test
  void nothingCanBeChangedFromOutside() {
    byte[] message = bytes("\n\1a\32\1d");
    RecordsMetadata metadata = RecordsMetadata.parse(message);
    message[2] = 'b';
    metadata.toByteArray()[2] = 'c';
    metadata.fileDescriptors().getFirst()[0] = 'e';
    assertThat(metadata.toByteArray()).isEqualTo(bytes("\n\1a\32\1d"));
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> metadata.fileDescriptors().clear());
    byte[] descriptor = {1};
    RecordsMetadata described = EMPTY.withFileDescriptor(descriptor);
    descriptor[0] = 2;
    assertThat(described.fileDescriptors()).containsExactly(new byte[] {1});
  }

  @Test
  void equalityIsOfBytes() {
    assertThat(parse("(\1")).isEqualTo(EMPTY.withNumRecords(1)).hasSameHashCodeAs(parse("(\1"));
    assertThat(parse("(\1")).isNotEqualTo(parse("(\201\0")).isNotEqualTo(EMPTY);
    assertThat(parse("(\1")).isNotEqualTo("(\1");
  }

  @Test
  void textTellsWhatItIsAbout() {
    assertThat(EMPTY).hasToString("RecordsMetadata[0 bytes]");
    assertThat(EMPTY.withFileComment("cats").withRecordTypeName("Cat"))
        .hasToString("RecordsMetadata[fileComment=cats, recordTypeName=Cat, 11 bytes]");
  }

  // Anything

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void messagesOfAnyFieldsAreKept(long seed) {
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 2000; i++) {
      ByteArrayOutputStream message = new ByteArrayOutputStream();
      Optional<String> comment = Optional.empty();
      List<byte[]> descriptors = new ArrayList<>();
      for (int field = random.nextInt(8); field > 0; field--) {
        switch (random.nextInt(4)) {
          case 0 -> {
            String text = "x".repeat(random.nextInt(300));
            message.writeBytes(EMPTY.withFileComment(text).toByteArray());
            comment = Optional.of(text);
          }
          case 1 -> {
            byte[] descriptor = SampleRecords.random(random, random.nextInt(300));
            message.writeBytes(EMPTY.withFileDescriptor(descriptor).toByteArray());
            descriptors.add(descriptor);
          }
          default -> putUnknownField(message, random, 0);
        }
      }
      RecordsMetadata metadata = RecordsMetadata.parse(message.toByteArray());
      assertThat(metadata.toByteArray()).isEqualTo(message.toByteArray());
      assertThat(metadata.fileComment()).isEqualTo(comment);
      assertThat(metadata.fileDescriptors().toArray()).isEqualTo(descriptors.toArray());

      RecordsMetadata changed = metadata.withNumRecords(i).withFileComment("changed");
      assertThat(changed.numRecords()).hasValue(i);
      assertThat(changed.fileComment()).contains("changed");
      assertThat(changed.fileDescriptors().toArray()).isEqualTo(descriptors.toArray());
    }
  }

  /** A field that has a number of 6 or more, or is within one. */
  private static void putUnknownField(ByteArrayOutputStream out, Random random, int depth) {
    int number = depth == 0 ? 6 + random.nextInt(10) : 1 + random.nextInt(15);
    int wireType = random.nextInt(depth == 5 ? 3 : 4);
    out.write(number << 3 | wireType);
    switch (wireType) {
      case 0 -> out.writeBytes(new byte[] {(byte) 0x80, (byte) random.nextInt(128)});
      case 1 -> out.writeBytes(SampleRecords.random(random, 8));
      case 2 -> {
        int size = random.nextInt(100);
        out.write(size);
        out.writeBytes(SampleRecords.random(random, size));
      }
      default -> {
        for (int i = random.nextInt(4); i > 0; i--) {
          putUnknownField(out, random, depth + 1);
        }
        out.write(number << 3 | 4);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void anyBytesAreKeptOrRefused(long seed) {
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    int kept = 0;
    int refused = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] message = SampleRecords.random(random, random.nextInt(12));
      try {
        RecordsMetadata metadata = RecordsMetadata.parse(message);
        assertThat(metadata.toByteArray()).isEqualTo(message);
        assertThat(RecordsMetadata.parse(metadata.withFileComment("a").toByteArray()).fileComment())
            .contains("a");
        kept++;
      } catch (IllegalArgumentException e) {
        assertThat(e).hasMessageMatching("not a RecordsMetadata message: byte [0-9]+: .*");
        refused++;
      }
    }
    assertThat(kept).isPositive();
    assertThat(refused).isPositive();
  }

  // Files of others

  static List<GoldenManifest.Entry> filesWithComment() {
    return GoldenManifest.all().stream()
        .filter(entry -> entry.note().contains("metadata file_comment"))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("filesWithComment")
  void realFilesHaveTheirComments(GoldenManifest.Entry golden, @TempDir Path directory)
      throws IOException {
    byte[] message = message(golden.location(), directory.resolve("forged"));
    RecordsMetadata metadata = RecordsMetadata.parse(message);
    assertThat(metadata.fileComment()).contains("golden lines " + golden.codec());
    assertThat(metadata).isEqualTo(EMPTY.withFileComment("golden lines " + golden.codec()));
  }

  /**
   * The metadata of a file. They are laid out like a transposed chunk of one record, so a file is
   * forged that has them as a record.
   */
  private static byte[] message(Path file, Path forged) throws IOException {
    ByteBuffer content = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int chunk = BlockLayout.BLOCK_HEADER_SIZE + BlockLayout.CHUNK_HEADER_SIZE;
    assertThat(content.get(chunk + 24)).isEqualTo((byte) ChunkTypes.METADATA);
    byte[] data = new byte[Math.toIntExact(content.getLong(chunk + 8))];
    content.get(chunk + BlockLayout.CHUNK_HEADER_SIZE, data);
    ForgedChunk transposed =
        ForgedChunk.of(ChunkTypes.TRANSPOSED, data, 1, content.getLong(chunk + 32));
    Files.write(forged, RecordFileForge.withSignature().chunk(transposed).bytes());
    try (RecordReader reader = RecordReader.open(forged);
        RecordBatch batch = reader.nextBatch()) {
      return batch.get(0).toArray(ValueLayout.JAVA_BYTE);
    }
  }
}
