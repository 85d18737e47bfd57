package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.disky.CorruptFileException.Damage;
import io.disky.damage.FileDamage;
import io.disky.oracle.ArrayRecordForge;
import io.disky.oracle.ArrayRecordForge.Entry;
import io.disky.random.IndexSource;
import io.disky.testing.LogCapture;
import io.disky.testing.SampleRecords;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Records by their number in ArrayRecords whose footers tell the truth, or lie. */
class RandomAccessFooterTest {
  private static final int BLOCK = 1 << 16;
  private static final List<byte[]> RECORDS =
      SampleRecords.ofSizes(5, 1, 300, 70_000, 3, 9, 9, 12, 13, 14);

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
        .group(RECORDS.subList(6, 9))
        .group(RECORDS.subList(9, 10));
  }

  private static void assertRecords(RandomAccessReader reader) throws IOException {
    assertThat(reader.recordCount()).isEqualTo(RECORDS.size());
    for (int i = RECORDS.size() - 1; i >= 0; i--) {
      assertThat(reader.get(i)).isEqualTo(RECORDS.get(i));
    }
  }

  @Test
  void trueFootersAreUsed() throws IOException {
    Files.write(file, forge().bytes());
    try (LogCapture log = new LogCapture()) {
      try (RandomAccessReader reader = RandomAccessReader.open(file)) {
        assertThat(reader.indexSource(0)).isEqualTo(IndexSource.FOOTER);
        assertRecords(reader);
      }
      RandomAccessOptions without = RandomAccessOptions.defaults().withFooter(false);
      try (RandomAccessReader reader = RandomAccessReader.open(file, without)) {
        assertThat(reader.indexSource(0)).isEqualTo(IndexSource.HEADERS);
        assertRecords(reader);
      }
      assertThat(log.messages("")).isEmpty();
    }
  }

  @Test
  void withoutPostscriptHeadersAreWalked() throws IOException {
    byte[] content = forge().bytes();
    Files.write(file, FileDamage.truncate(content, content.length - BLOCK));
    try (RandomAccessReader reader = RandomAccessReader.open(file)) {
      assertThat(reader.indexSource(0)).isEqualTo(IndexSource.HEADERS);
      assertRecords(reader);
    }
  }

  private static Entry moved(Entry entry, long by) {
    return new Entry(entry.chunkBegin() + by, entry.decodedSize(), entry.records());
  }

  private static Entry counting(Entry entry, long records) {
    return new Entry(entry.chunkBegin(), entry.decodedSize(), records);
  }

  private static UnaryOperator<List<Entry>> setting(int index, UnaryOperator<Entry> change) {
    return entries -> {
      List<Entry> changed = new ArrayList<>(entries);
      changed.set(index, change.apply(entries.get(index)));
      return changed;
    };
  }

  private static UnaryOperator<List<Entry>> without(int index) {
    return entries -> {
      List<Entry> changed = new ArrayList<>(entries);
      changed.remove(index);
      return changed;
    };
  }

  /** A footer that is seen through when the file is opened. */
  record Obvious(String name, UnaryOperator<List<Entry>> listed) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Obvious> obvious() {
    return List.of(
        new Obvious("the first chunk elsewhere", setting(0, entry -> moved(entry, 1))),
        new Obvious("the first chunk left out", without(0)),
        new Obvious("the last chunk larger", setting(3, entry -> counting(entry, 2))),
        new Obvious("a chunk in a block header", setting(1, _ -> new Entry(65_540, 9, 3))),
        new Obvious("a chunk of no records", setting(1, entry -> counting(entry, 0))),
        new Obvious("no chunk", _ -> List.of()),
        new Obvious("chunks backwards", List::reversed));
  }

  @ParameterizedTest
  @MethodSource("obvious")
  void footersThatObviouslyLieAreNotUsed(Obvious lie) throws IOException {
    ArrayRecordForge forge = forge();
    Files.write(file, forge.withFooter(lie.listed.apply(forge.entries())));
    try (LogCapture log = new LogCapture()) {
      try (RandomAccessReader reader = RandomAccessReader.open(file)) {
        assertThat(reader.indexSource(0)).isEqualTo(IndexSource.HEADERS);
        assertRecords(reader);
      }
      assertThat(log.messages("WARNING: " + file)).hasSize(1);
    }
  }

  /**
   * A footer that is seen through when a chunk is read.
   *
   * @param wrong the records, as the footer numbers them, that cannot be had
   */
  record Lie(String name, UnaryOperator<List<Entry>> listed, List<Integer> wrong) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Lie> lies() {
    return List.of(
        new Lie("a chunk elsewhere", setting(1, entry -> moved(entry, 1)), List.of(0, 3)),
        new Lie("a chunk in another", setting(1, entry -> moved(entry, -100)), List.of(0, 3)),
        new Lie("a chunk with more", setting(1, entry -> counting(entry, 4)), List.of(3, 6)),
        new Lie("a chunk with fewer", setting(1, entry -> counting(entry, 2)), List.of(3, 4)),
        new Lie("a chunk of a billion", setting(1, e -> counting(e, 1 << 30)), List.of(3, 1 << 29)),
        new Lie("a chunk left out", without(1), List.of(0, 2)),
        new Lie("another one left out", without(2), List.of(3, 5)));
  }

  @ParameterizedTest
  @MethodSource("lies")
  void footersThatLieAreFoundOnUse(Lie lie) throws IOException {
    ArrayRecordForge forge = forge();
    Files.write(file, forge.withFooter(lie.listed.apply(forge.entries())));
    try (RandomAccessReader reader = RandomAccessReader.open(file)) {
      assertThat(reader.indexSource(0)).isEqualTo(IndexSource.FOOTER);
      for (int record : lie.wrong) {
        assertThatExceptionOfType(CorruptFileException.class)
            .as("record %s", record)
            .isThrownBy(() -> reader.get(record))
            .withMessageContaining(file.toString())
            .withMessageContaining("the ArrayRecord footer")
            .withMessageContaining("withFooter(false)")
            .satisfies(e -> assertThat(e.damage()).isIn(Damage.INDEX, Damage.CHUNK_HEADER));
      }
    }
    RandomAccessOptions remedy = RandomAccessOptions.defaults().withFooter(false);
    try (LogCapture _ = new LogCapture();
        RandomAccessReader reader = RandomAccessReader.open(file, remedy)) {
      assertRecords(reader);
    }
  }

  @Test
  void damageInAFileWithAFooter() throws IOException {
    ArrayRecordForge forge = forge();
    byte[] content = forge.bytes();
    long begin = forge.entries().get(1).chunkBegin();
    Files.write(file, FileDamage.flip(content, begin + 45));
    try (RandomAccessReader reader = RandomAccessReader.open(file)) {
      assertThat(reader.get(0)).isEqualTo(RECORDS.get(0));
      assertThatExceptionOfType(CorruptFileException.class)
          .isThrownBy(() -> reader.get(3))
          .satisfies(e -> {
            assertThat(e.damage()).isEqualTo(Damage.DATA_HASH);
            assertThat(e.position()).isEqualTo(begin);
            // The header is where the footer says: the footer is right.
            assertThat(e.getMessage())
                .endsWith("; 'disky recover' copies the intact records to a new file")
                .doesNotContain("withFooter")
                .containsOnlyOnce(file.toString());
          });
      assertThat(reader.get(6)).isEqualTo(RECORDS.get(6));
    }
  }

  @Test
  void aHeaderThatIsNotFoundMayBeDamagedOrElsewhere() throws IOException {
    ArrayRecordForge forge = forge();
    Files.write(file, FileDamage.flip(forge.bytes(), forge.entries().get(1).chunkBegin() + 3));
    try (RandomAccessReader reader = RandomAccessReader.open(file)) {
      assertThatExceptionOfType(CorruptFileException.class)
          .isThrownBy(() -> reader.get(3))
          .withMessageContaining("if the file is intact, open it without its footer")
          .withMessageEndingWith(
              "; if it is damaged, 'disky recover' copies the intact records to a new file")
          .satisfies(e -> assertThat(e.damage()).isEqualTo(Damage.CHUNK_HEADER));
    }
  }

  /** Files put one after the other: the footer at the end is that of the last one alone. */
  @Test
  void concatenatedFiles() throws IOException {
    byte[] content = forge().bytes();
    byte[] twice = Arrays.copyOf(content, 2 * content.length);
    System.arraycopy(content, 0, twice, content.length, content.length);
    Files.write(file, twice);
    try (LogCapture _ = new LogCapture();
        RandomAccessReader reader = RandomAccessReader.open(file);
        RecordReader inOrder = RecordReader.open(file)) {
      List<byte[]> expected = new ArrayList<>();
      inOrder.visit(record -> expected.add(record.toArray(ValueLayout.JAVA_BYTE)));
      assertThat(reader.recordCount()).isEqualTo(expected.size());
      for (int i = 0; i < expected.size(); i++) {
        assertThat(reader.get(i)).isEqualTo(expected.get(i));
      }
    }
  }
}
