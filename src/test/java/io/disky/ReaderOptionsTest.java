package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReaderOptionsTest {
  private static final ReaderOptions DEFAULTS = ReaderOptions.defaults();

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void setUp() {
    file = directory.resolve("records");
  }

  @Test
  void defaultsAreTheDocumentedOnes() {
    assertThat(DEFAULTS.corruptionStrategy()).isEqualTo(CorruptionStrategy.ERROR);
    assertThat(DEFAULTS.maxChunkSize()).isEqualTo(1 << 30);
    assertThat(DEFAULTS.scan()).isTrue();
    assertThat(DEFAULTS.skippedRegionListener()).isEmpty();
    assertThat(DEFAULTS)
        .hasToString(
            "ReaderOptions[corruptionStrategy=ERROR, scan=true, skippedRegionListener=null,"
                + " maxChunkSize=1073741824]");
  }

  @Test
  void changesLeaveTheOriginalAlone() {
    ReaderOptions changed =
        DEFAULTS.withMaxChunkSize(7).withCorruptionStrategy(CorruptionStrategy.ERROR);

    assertThat(changed.maxChunkSize()).isEqualTo(7);
    assertThat(DEFAULTS.maxChunkSize()).isEqualTo(1 << 30);
  }

  @Test
  void recoveryHasOptionsOfItsOwn() {
    Consumer<SkippedRegion> listener = region -> {};
    ReaderOptions changed =
        DEFAULTS
            .withCorruptionStrategy(CorruptionStrategy.RECOVER)
            .withScan(false)
            .withSkippedRegionListener(listener);

    assertThat(changed.corruptionStrategy()).isEqualTo(CorruptionStrategy.RECOVER);
    assertThat(changed.scan()).isFalse();
    assertThat(changed.skippedRegionListener()).containsSame(listener);
    assertThat(changed).isNotEqualTo(changed.withScan(true)).isNotEqualTo(DEFAULTS);
    assertThat(changed.withMaxChunkSize(7).skippedRegionListener()).containsSame(listener);
  }

  @Test
  void nullIsRefused() {
    assertThatNullPointerException().isThrownBy(() -> DEFAULTS.withCorruptionStrategy(null));
    assertThatNullPointerException().isThrownBy(() -> DEFAULTS.withSkippedRegionListener(null));
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, -1, 0})
  void limitsThatAreNone(long bytes) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DEFAULTS.withMaxChunkSize(bytes))
        .withMessageContaining(Long.toString(bytes));
  }

  /** A chunk counts the bytes of its records and 8 for each. */
  @ParameterizedTest
  @EnumSource
  void chunksUpToTheLimitAreRead(Dialect dialect) throws IOException {
    List<byte[]> records = List.of(SampleRecords.repetitive(1000), SampleRecords.repetitive(500));
    write(WriterOptions.defaults().withDialect(dialect), records);

    SampleRecords.assertSame(read(1516), records);
    assertThatExceptionOfType(ChunkTooLargeException.class)
        .isThrownBy(() -> read(1515))
        .withMessageContaining(file.toString())
        .withMessageContaining("byte 64:")
        .withMessageContaining("1515")
        .satisfies(e -> {
          assertThat(e.file()).isEqualTo(file);
          assertThat(e.position()).isEqualTo(64);
          assertThat(e.size()).isEqualTo(1516);
          assertThat(e.limit()).isEqualTo(1515);
        });
  }

  /** What is larger in the file than decoded counts as it is in the file. */
  @Test
  void encodedDataCountToo() throws IOException {
    List<byte[]> records = List.of(SampleRecords.random(5000));
    write(WriterOptions.defaults(), records);
    long decoded = 5008;
    long encoded;
    try (RecordReader reader = RecordReader.open(file)) {
      encoded = reader.describe().encodedBytes();
    }
    assertThat(encoded).as("random bytes grow").isGreaterThan(decoded);

    SampleRecords.assertSame(read(encoded), records);
    assertThatExceptionOfType(ChunkTooLargeException.class)
        .isThrownBy(() -> read(encoded - 1))
        .satisfies(e -> assertThat(e.size()).isEqualTo(encoded));
  }

  @Test
  void chunksBeforeTheLargeOneAreRead() throws IOException {
    write(WriterOptions.defaults().withChunkSize(1), SampleRecords.ofSizes(1, 2, 3000, 4));

    List<byte[]> records = new ArrayList<>();
    try (RecordReader reader = RecordReader.open(file, DEFAULTS.withMaxChunkSize(100))) {
      assertThatExceptionOfType(ChunkTooLargeException.class)
          .isThrownBy(() -> ReadingWay.VISIT.read(reader, records::add));
      assertThat(reader.count()).as("headers need no memory").isEqualTo(4);
    }
    SampleRecords.assertSame(records, SampleRecords.ofSizes(1, 2));
  }

  @Test
  void anyLimitIsHighEnoughForChunksWithoutRecords() throws IOException {
    RecordWriter.open(file).close();

    assertThat(read(1)).isEmpty();
  }

  @Test
  void theHighestLimitIsNone() throws IOException {
    List<byte[]> records = SampleRecords.ofSizes(1, 2, 3_000_000);
    write(WriterOptions.defaults(), records);

    SampleRecords.assertSame(read(Long.MAX_VALUE), records);
  }

  private void write(WriterOptions options, List<byte[]> records) throws IOException {
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      for (byte[] record : records) {
        writer.write(record);
      }
    }
  }

  private List<byte[]> read(long maxChunkSize) throws IOException {
    List<byte[]> records = new ArrayList<>();
    try (RecordReader reader = RecordReader.open(file, DEFAULTS.withMaxChunkSize(maxChunkSize))) {
      ReadingWay.NEXT_BATCH.read(reader, records::add);
    }
    return records;
  }

  @Test
  void equalOptionsAreEqual() {
    ReaderOptions changed = ReaderOptions.defaults().withMaxChunkSize(5);
    assertThat(changed).isEqualTo(ReaderOptions.defaults().withMaxChunkSize(5));
    assertThat(changed).hasSameHashCodeAs(ReaderOptions.defaults().withMaxChunkSize(5));
    assertThat(changed).isNotEqualTo(ReaderOptions.defaults());
  }
}
