package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.disky.remote.RemoteOptions;
import io.disky.testing.ReadingWay;
import io.disky.testing.SampleRecords;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
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
            "ReaderOptions[corruptionStrategy=ERROR, scan=true, skippedRegionListener=none,"
                + " progressListener=none,"
                + " maxChunkSize=1073741824, maxRecordSize=9223372036854775807,"
                + " maxRecordsPerChunk=9223372036854775807, follow=false, followInterval=PT0.1S,"
                + " followTimeout=none, rangeBegin=0, rangeEnd=9223372036854775807, parallelism=0,"
                + " readAhead=33554432, dataAlignment=1, strictLifetimes=false, fieldProjection=all,"
                + " remote="
                + RemoteOptions.defaults()
                + "]");
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
  void requestsToRemoteFilesAreAnOption() {
    RemoteOptions remote = RemoteOptions.defaults().withMaxRequests(3);
    ReaderOptions changed = DEFAULTS.withRemote(remote);

    assertThat(changed.remote()).isEqualTo(remote);
    assertThat(DEFAULTS.remote()).isEqualTo(RemoteOptions.defaults());
    assertThat(changed).isNotEqualTo(DEFAULTS);
  }

  @Test
  void threadsThatDecodeAheadAreAnOption() {
    ReaderOptions changed = DEFAULTS.withParallelism(3).withReadAhead(7);

    assertThat(DEFAULTS.parallelism()).isZero();
    assertThat(DEFAULTS.readAhead()).isEqualTo(32 << 20);
    assertThat(changed.withMaxChunkSize(5).parallelism()).isEqualTo(3);
    assertThat(changed.withMaxChunkSize(5).readAhead()).isEqualTo(7);
    assertThat(changed)
        .isNotEqualTo(changed.withParallelism(2))
        .isNotEqualTo(changed.withReadAhead(8));
    for (int threads : new int[] {Integer.MIN_VALUE, -1, 1025}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> DEFAULTS.withParallelism(threads))
          .withMessageContaining(threads + " is outside 0 to 1024");
    }
    assertThat(DEFAULTS.withParallelism(ReaderOptions.MAX_PARALLELISM).parallelism())
        .isEqualTo(1024);
    assertThatIllegalArgumentException().isThrownBy(() -> DEFAULTS.withReadAhead(0));
  }

  @Test
  void memoryOfRecordsHasOptionsOfItsOwn() {
    ReaderOptions changed = DEFAULTS.withDataAlignment(64).withStrictLifetimes(true);

    assertThat(DEFAULTS.dataAlignment()).isEqualTo(1);
    assertThat(DEFAULTS.strictLifetimes()).isFalse();
    assertThat(changed.withMaxChunkSize(5).dataAlignment()).isEqualTo(64);
    assertThat(changed.withMaxChunkSize(5).strictLifetimes()).isTrue();
    assertThat(changed)
        .isNotEqualTo(changed.withDataAlignment(32))
        .isNotEqualTo(changed.withStrictLifetimes(false));
  }

  @Test
  void theFieldsToReadAreAnOption() {
    ReaderOptions changed = DEFAULTS.withFieldProjection(FieldProjection.parse("1,3.2"));

    assertThat(DEFAULTS.fieldProjection()).isEqualTo(FieldProjection.all());
    assertThat(changed.withMaxChunkSize(5).fieldProjection().paths())
        .containsExactly(List.of(1), List.of(3, 2));
    assertThat(changed).isNotEqualTo(DEFAULTS);
    assertThat(changed.withFieldProjection(FieldProjection.all())).isEqualTo(DEFAULTS);
  }

  @Test
  void nullIsRefused() {
    assertThatNullPointerException().isThrownBy(() -> DEFAULTS.withFieldProjection(null));
    assertThatNullPointerException().isThrownBy(() -> DEFAULTS.withCorruptionStrategy(null));
    assertThatNullPointerException().isThrownBy(() -> DEFAULTS.withSkippedRegionListener(null));
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, -1, 0})
  void limitsThatAreNone(long bytes) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DEFAULTS.withMaxChunkSize(bytes))
        .withMessageContaining(Long.toString(bytes));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DEFAULTS.withMaxRecordSize(bytes))
        .withMessageContaining(Long.toString(bytes));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DEFAULTS.withMaxRecordsPerChunk(bytes))
        .withMessageContaining(Long.toString(bytes));
  }

  @Test
  void followingHasOptionsOfItsOwn() {
    ReaderOptions changed =
        DEFAULTS
            .withFollow(true)
            .withFollowInterval(Duration.ofMillis(1))
            .withFollowTimeout(Duration.ZERO);

    assertThat(changed.follow()).isTrue();
    assertThat(changed.followInterval()).isEqualTo(Duration.ofMillis(1));
    assertThat(changed.followTimeout()).contains(Duration.ZERO);
    assertThat(changed)
        .isNotEqualTo(changed.withFollow(false))
        .isNotEqualTo(changed.withFollowInterval(Duration.ofSeconds(1)))
        .isNotEqualTo(changed.withFollowTimeout(Duration.ofSeconds(1)));
    assertThat(DEFAULTS.follow()).isFalse();
    assertThat(DEFAULTS.followInterval()).isEqualTo(Duration.ofMillis(100));
    assertThat(DEFAULTS.followTimeout()).isEmpty();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DEFAULTS.withFollowInterval(Duration.ofNanos(999_999)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DEFAULTS.withFollowTimeout(Duration.ofNanos(-1)));
  }

  @ParameterizedTest
  @EnumSource
  void recordsUpToTheLimitAreRead(Dialect dialect) throws IOException {
    List<byte[]> records = List.of(SampleRecords.repetitive(1), SampleRecords.repetitive(500));
    write(WriterOptions.defaults().withDialect(dialect), records);

    SampleRecords.assertSame(read(DEFAULTS.withMaxRecordSize(500)), records);
    ReaderOptions limited = DEFAULTS.withMaxRecordSize(499);
    for (CorruptionStrategy strategy : CorruptionStrategy.values()) {
      assertTooLarge(limited.withCorruptionStrategy(strategy), 500, 499, "bytes a record");
    }
  }

  @ParameterizedTest
  @EnumSource
  void chunksUpToSoManyRecordsAreRead(Dialect dialect) throws IOException {
    List<byte[]> records = SampleRecords.lines(30);
    write(WriterOptions.defaults().withDialect(dialect), records);

    SampleRecords.assertSame(read(DEFAULTS.withMaxRecordsPerChunk(30)), records);
    ReaderOptions limited = DEFAULTS.withMaxRecordsPerChunk(29);
    for (CorruptionStrategy strategy : CorruptionStrategy.values()) {
      assertTooLarge(limited.withCorruptionStrategy(strategy), 30, 29, "records a chunk");
    }
  }

  private void assertTooLarge(ReaderOptions options, long size, long limit, String unit) {
    assertThatExceptionOfType(ChunkTooLargeException.class)
        .isThrownBy(() -> read(options))
        .withMessageContaining("byte 64:")
        .withMessageContaining(unit)
        .withMessageContaining("read it with a higher limit")
        .satisfies(e -> {
          assertThat(e.size()).isEqualTo(size);
          assertThat(e.limit()).isEqualTo(limit);
        });
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
          assertThat(e.path()).contains(file);
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
      assertThat(reader.recordCount()).as("headers need no memory").isEqualTo(4);
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
    return read(DEFAULTS.withMaxChunkSize(maxChunkSize));
  }

  private List<byte[]> read(ReaderOptions options) throws IOException {
    List<byte[]> records = new ArrayList<>();
    try (RecordReader reader = RecordReader.open(file, options)) {
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
