package io.disky.loader;

import static io.disky.testing.NumberedRecords.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.disky.Compression;
import io.disky.CorruptionStrategy;
import io.disky.RandomAccessOptions;
import io.disky.ReaderOptions;
import io.disky.Shard;
import io.disky.Shards;
import io.disky.lifetime.LifetimeAssert;
import io.disky.loading.LoadedSource;
import io.disky.loading.RecordsHold;
import io.disky.testing.NumberedRecords;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Descriptions of sources, and what opening them gives. */
class RecordSourceTest {
  private static final RandomAccessOptions OPTIONS = RandomAccessOptions.defaults();

  @TempDir private Path directory;

  private Path file(String name, int records) throws IOException {
    return NumberedRecords.write(directory.resolve(name), Compression.zstd(), records, 1);
  }

  private static byte[] read(LoadedSource source, long number) throws IOException {
    try (RecordsHold hold = source.read(new long[] {number}, 1)) {
      assertThat(hold.failure(0)).isNull();
      return hold.part(0).asSlice(hold.offset(0), hold.size(0)).toArray(ValueLayout.JAVA_BYTE);
    }
  }

  @Test
  void filesAreOneSequence() throws IOException {
    Path one = file("one", 3);
    Path two = file("two", 5);
    LoadedSource source = RecordSource.files(one, two).open();
    assertThat(source.layout().records()).isEqualTo(8);
    assertThat(read(source, 2)).isEqualTo(record(2));
    assertThat(read(source, 7)).isEqualTo(record(4));
    source.close();
    assertThat(LifetimeAssert.descriptors(one)).isZero();
  }

  /** A description can be opened by several loaders, at a time and after each other. */
  @Test
  void oneDescriptionForSeveralLoaders() throws IOException {
    Path file = file("one", 3);
    RecordSource description = RecordSource.files(List.of(file), OPTIONS);
    assertThat(LifetimeAssert.descriptors(file)).isZero();
    LoadedSource first = description.open();
    LoadedSource second = description.open();
    first.close();
    assertThat(read(second, 1)).isEqualTo(record(1));
    second.close();
    LoadedSource third = description.open();
    assertThat(read(third, 2)).isEqualTo(record(2));
    third.close();
    assertThat(LifetimeAssert.descriptors(file)).isZero();
  }

  @Test
  void shardsThatAreFiles() throws IOException {
    file("shard_0", 3);
    file("shard_1", 2);
    Shards shards = Shards.inDirectory(directory);
    LoadedSource source = RecordSource.shards(shards).open();
    assertThat(source.layout().records()).isEqualTo(5);
    assertThat(read(source, 4)).isEqualTo(record(1));
    assertThat(source.name()).isEqualTo("shard_0 and 1 more");
    LoadedSource files =
        RecordSource.files(directory.resolve("shard_0"), directory.resolve("shard_1")).open();
    assertThat(files.name()).isEqualTo(source.name());
    assertThat(files.identity()).isEqualTo(source.identity());
    files.close();
    source.close();
  }

  @Test
  void shardsThatAreNotFilesAreRefused() throws IOException {
    Path file = file("file", 3);
    MemorySegment contents = MemorySegment.ofArray(Files.readAllBytes(file));
    Shards shards = Shards.from(List.of(Shard.of(file), Shard.of("in memory", contents)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RecordSource.shards(shards).open())
        .withMessageContaining("not a file")
        .withMessageContaining("'in memory'");
    assertThat(LifetimeAssert.descriptors(file)).isZero();
  }

  /** Errors of opening name the file, and leave no other file open. */
  @Test
  void filesThatCannotBeOpened() throws IOException {
    Path file = file("file", 3);
    Path missing = directory.resolve("missing");
    RecordSource source = RecordSource.files(file, missing);
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(source::open)
        .withMessageContaining(missing.toString());
    assertThat(LifetimeAssert.descriptors(file)).isZero();
    assertThatIllegalArgumentException().isThrownBy(() -> RecordSource.files());
    RandomAccessOptions recovering =
        OPTIONS.withReaderOptions(
            ReaderOptions.defaults().withCorruptionStrategy(CorruptionStrategy.RECOVER));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RecordSource.files(List.of(file), recovering).open());
  }

  @Test
  void code() throws IOException {
    List<byte[]> rows = IntStream.range(0, 20).mapToObj(NumberedRecords::record).toList();
    LoadedSource source =
        RecordSource.of("rows", 20, (number, record) -> record.put(rows.get((int) number))).open();
    assertThat(source.name()).isEqualTo("rows");
    assertThat(source.layout().records()).isEqualTo(20);
    assertThat(source.meanRecordSize()).isEqualTo(RecordSource.DEFAULT_MEAN_RECORD_SIZE);
    assertThat(read(source, 13)).isEqualTo(record(13));
    source.close();
  }

  @Test
  void recordsOfSeveralParts() throws IOException {
    AtomicReference<SuppliedRecord> kept = new AtomicReference<>();
    LoadedSource source =
        RecordSource.of(
                "parts",
                20,
                4,
                6,
                (number, record) -> {
                  kept.set(record);
                  record.put(new byte[] {1, 2});
                  record.put(new byte[] {3, 4, 5}, 1, 1);
                  record.put(MemorySegment.ofArray(new byte[] {6, (byte) number}));
                })
            .open();
    assertThat(source.layout().chunks()).isEqualTo(5);
    assertThat(source.layout().bytes(0)).isEqualTo(24);
    assertThat(read(source, 13)).containsExactly(1, 2, 4, 6, 13);
    assertThatIllegalStateException().isThrownBy(() -> kept.get().put(new byte[1]));
    source.close();
  }

  @Test
  void argumentsThatAreRefused() {
    RecordSupplier supplier = (_, record) -> record.put(new byte[1]);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RecordSource.of("a", -1, supplier))
        .withMessageContaining("number of records is -1");
    assertThatIllegalArgumentException().isThrownBy(() -> RecordSource.of("a", 1, 0, 1, supplier));
    assertThatIllegalArgumentException().isThrownBy(() -> RecordSource.of("a", 1, 1, 0, supplier));
    assertThatNullPointerException().isThrownBy(() -> RecordSource.of("a", 1, null));
    assertThatNullPointerException().isThrownBy(() -> RecordSource.of(null, 1, supplier));
  }

  @Test
  void namesAndText() throws IOException {
    Path file = file("a b", 1);
    RecordSource source = RecordSource.files(file);
    assertThat(source.name()).isEqualTo("a b");
    assertThat(source).hasToString("RecordSource[a b: " + "'" + file + "']");
    RecordSource named = source.withName("other");
    assertThat(named.name()).isEqualTo("other");
    LoadedSource opened = named.open();
    assertThat(opened.name()).isEqualTo("other");
    opened.close();
    assertThat(RecordSource.of("rows", 7, (_, _) -> {}))
        .hasToString("RecordSource[rows: 7 records of code]");
  }

  /** Opening takes the same steps for any number of records: none of them is supplied. */
  @Test
  void aBillionRecords() throws IOException {
    LoadedSource source =
        RecordSource.of(
                "synthetic",
                1_000_000_000,
                (number, record) -> {
                  assertThat(number).isEqualTo(999_999_999);
                  record.put(new byte[] {7});
                })
            .open();
    assertThat(read(source, 999_999_999)).containsExactly(7);
    source.close();
  }
}
