package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.disky.damage.FileDamage;
import io.disky.oracle.ArrayRecordForge;
import io.disky.oracle.ArrayRecordForge.Entry;
import io.disky.testing.LogCapture;
import io.disky.testing.ReadingWay;
import io.disky.testing.SampleRecords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongUnaryOperator;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * ArrayRecords of an independent writer, whose footers and postscripts tell the truth or lie. The
 * chunks are right in any case: all records come, and a lie is logged once.
 */
class ArrayRecordFooterTest {
  private static final int BLOCK = 1 << 16;
  private static final List<byte[]> RECORDS = SampleRecords.ofSizes(5, 0, 300, 70_000, 3, 9, 9);

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void setUp() {
    file = directory.resolve("records");
  }

  private static ArrayRecordForge forge() {
    return new ArrayRecordForge()
        .group(RECORDS.subList(0, 3))
        .group(RECORDS.subList(3, 6))
        .group(RECORDS.subList(6, 7));
  }

  /** A file with an index that lies. */
  record Lie(String name, byte[] content, long position, List<String> reasons) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Lie> lies() {
    List<Lie> lies = new ArrayList<>();
    addPostscript(lies, "at byte 0", begin -> 0, "between the bytes 64");
    addPostscript(lies, "before the first chunk", begin -> 63, "between the bytes 64");
    addPostscript(lies, "outside the file", begin -> 1L << 40, "between the bytes 64");
    addPostscript(lies, "at the largest byte", begin -> -1, "between the bytes 64");
    addPostscript(
        lies, "at the postscript", begin -> (begin / BLOCK + 1) * BLOCK, "between the bytes 64");
    addPostscript(lies, "at a chunk of records", begin -> 64, "there is none");
    addPostscript(lies, "inside a chunk", begin -> 100, "there is none");
    addPostscript(lies, "a byte behind the chunks", begin -> begin + 1, "there is none");
    addFooter(lies, "lists a chunk less", entries -> entries.subList(0, 2));
    addFooter(lies, "lists no chunk", entries -> List.of());
    addFooter(
        lies,
        "lists a chunk more",
        entries -> {
          List<Entry> more = new ArrayList<>(entries);
          more.add(new Entry(1L << 50, 5, 5));
          return more;
        });
    addFooter(lies, "lists them backwards", List::reversed);
    addFooter(lies, "begins", entries -> changed(entries, new Entry(65, 305, 3)));
    addFooter(lies, "sizes", entries -> changed(entries, new Entry(64, 306, 3)));
    addFooter(lies, "records", entries -> changed(entries, new Entry(64, 305, 2)));
    ArrayRecordForge totals = forge();
    lies.add(
        new Lie(
            "totals that are none of its chunks",
            totals.withFooter(1, 9, 99, totals.entries()),
            -BLOCK,
            List.of("other totals")));
    ArrayRecordForge version = forge();
    lies.add(
        new Lie(
            "version 2",
            version.withFooter(2, 3, 7, version.entries()),
            -BLOCK,
            List.of("version 2")));
    return lies;
  }

  /** No footer is where the postscript says it is; nor is one anywhere. */
  private static void addPostscript(
      List<Lie> lies, String name, LongUnaryOperator position, String reason) {
    ArrayRecordForge forge = forge();
    long begin = position.applyAsLong(forge.position());
    byte[] content = forge.withPostscript(begin);
    List<String> reasons =
        List.of("postscript states a footer at byte " + Long.toUnsignedString(begin), reason);
    lies.add(new Lie("postscript: " + name, content, content.length - BLOCK, reasons));
  }

  private static void addFooter(List<Lie> lies, String name, UnaryOperator<List<Entry>> listed) {
    ArrayRecordForge forge = forge();
    long position = forge.position();
    byte[] content = forge.withFooter(listed.apply(forge.entries()));
    List<String> reasons = List.of("footer disagrees", "3 chunks with 7 records");
    lies.add(new Lie("footer: " + name, content, position, reasons));
  }

  private static List<Entry> changed(List<Entry> entries, Entry first) {
    List<Entry> changed = new ArrayList<>(entries);
    changed.set(0, first);
    return changed;
  }

  @Test
  void trueFootersAreNotMentioned() throws IOException {
    Files.write(file, forge().bytes());
    try (LogCapture log = new LogCapture()) {
      for (ReadingWay way : ReadingWay.values()) {
        SampleRecords.assertSame(way.read(file), RECORDS);
      }
      try (RecordReader reader = RecordReader.open(file)) {
        assertThat(reader.recordCount()).isEqualTo(7);
        assertThat(reader.describe().chunks())
            .containsEntry(ChunkType.FOOTER, 1L)
            .containsEntry(ChunkType.POSTSCRIPT, 1L);
      }
      assertThat(log.messages(file.toString())).isEmpty();
    }
  }

  private interface Use {
    void of(RecordReader reader) throws IOException;
  }

  /** Checks that one warning names the file, the position and the reason. */
  private void assertWarnsOnce(Lie lie, Use use) throws IOException {
    try (LogCapture log = new LogCapture()) {
      try (RecordReader reader = RecordReader.open(file)) {
        use.of(reader);
      }
      long position = lie.position < 0 ? lie.content.length + lie.position : lie.position;
      assertThat(log.messages(""))
          .singleElement()
          .satisfies(message -> {
            assertThat(message).startsWith("WARNING: " + file + ": byte " + position + ": ");
            assertThat(message).contains(lie.reasons);
          });
    }
  }

  @ParameterizedTest
  @MethodSource("lies")
  void recordsOfFilesThatLie(Lie lie) throws IOException {
    Files.write(file, lie.content);
    for (ReadingWay way : ReadingWay.values()) {
      List<byte[]> records = new ArrayList<>();
      assertWarnsOnce(lie, reader -> way.read(reader, records::add));
      SampleRecords.assertSame(records, RECORDS);
    }
  }

  @ParameterizedTest
  @MethodSource("lies")
  void countsAndDescriptionsOfFilesThatLie(Lie lie) throws IOException {
    Files.write(file, lie.content);
    long records = RECORDS.size();
    assertWarnsOnce(lie, reader -> assertThat(reader.recordCount()).isEqualTo(records));
    assertWarnsOnce(
        lie,
        reader -> {
          FileDescription description = reader.describe();
          assertThat(description.recordCount()).isEqualTo(records);
          assertThat(description.recordSizes().count()).isEqualTo(records);
          assertThat(description.container()).isEqualTo(Container.ARRAY_RECORD);
        });
    assertWarnsOnce(lie, reader -> reader.forEachChunk(chunk -> {}));
  }

  /** However often and in however many ways one reader is used. */
  @ParameterizedTest
  @MethodSource("lies")
  void readersWarnOnce(Lie lie) throws IOException {
    Files.write(file, lie.content);
    assertWarnsOnce(
        lie,
        reader -> {
          reader.recordCount();
          reader.describe();
          reader.visit(record -> {});
          reader.recordCount();
          reader.describe();
        });
  }

  /** Then nothing but the chunks tells what the footer is, if it is one. */
  @Test
  void withoutPostscriptTrueFootersAreSilent() throws IOException {
    byte[] content = forge().bytes();
    Files.write(file, FileDamage.truncate(content, content.length - BLOCK));
    try (LogCapture log = new LogCapture()) {
      for (ReadingWay way : ReadingWay.values()) {
        SampleRecords.assertSame(way.read(file), RECORDS);
      }
      assertThat(log.messages("")).isEmpty();
    }
  }

  /** A postscript with a wrong hash is damage like any other, behind all records. */
  @Test
  void damagedPostscripts() throws IOException {
    byte[] content = forge().bytes();
    byte[] damaged = FileDamage.flip(content, content.length - BLOCK + 24 + 40 + 2);
    Files.write(file, damaged);
    for (ReadingWay way : ReadingWay.values()) {
      List<byte[]> records = new ArrayList<>();
      try (RecordReader reader = RecordReader.open(file)) {
        assertThatExceptionOfType(CorruptFileException.class)
            .isThrownBy(() -> way.read(reader, records::add))
            .satisfies(e -> assertThat(e.position()).isEqualTo(content.length - BLOCK));
      }
      if (way.isOrdered()) {
        SampleRecords.assertSame(records, RECORDS);
      }
    }
  }
}
