package io.disky.loading;

import static io.disky.testing.NumberedRecords.record;
import static org.assertj.core.api.Assertions.assertThat;

import io.disky.Compression;
import io.disky.Container;
import io.disky.Dialect;
import io.disky.RandomAccessOptions;
import io.disky.RandomAccessReader;
import io.disky.RecordWriter;
import io.disky.WriterOptions;
import io.disky.random.IndexedFiles;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Files of numbered records in the shapes that readers treat differently, and sources of them. */
final class SourceFiles {
  private static final int RECORDS = 1_501;

  private SourceFiles() {}

  enum Shape {
    GROUPS_OF_ONE(options -> options.withContainer(Container.ARRAY_RECORD)),
    GROUPS_OF_ONE_UNCOMPRESSED(options ->
        options.withContainer(Container.ARRAY_RECORD).withCompression(Compression.none())),
    GROUPS_OF_200(options -> options.withContainer(Container.ARRAY_RECORD).withGroupSize(200)),
    LARGE_CHUNKS(options -> options),
    SMALL_CHUNKS_UNCOMPRESSED(options ->
        options.withChunkSize(300).withCompression(Compression.none())),
    BROTLI(options ->
        options
            .withDialect(Dialect.RIEGELI)
            .withChunkSize(5_000)
            .withCompression(Compression.brotli())),
    TRANSPOSED(options ->
        options.withDialect(Dialect.RIEGELI).withTranspose(true).withChunkSize(2_000)),
    PADDED(options ->
        options.withDialect(Dialect.RIEGELI).withPadding(1 << 16).withChunkSize(20_000));

    private final UnaryOperator<WriterOptions> options;

    Shape(UnaryOperator<WriterOptions> options) {
      this.options = options;
    }

    /**
     * Writes records 0 to {@link #records()} - 1 to several files, some of them without records.
     */
    List<Path> write(Path directory) throws IOException {
      List<Path> files = new ArrayList<>();
      int next = 0;
      for (int count : new int[] {0, RECORDS / 2, 0, 1, RECORDS - RECORDS / 2 - 1, 0}) {
        Path file = directory.resolve(this + "_" + files.size());
        write(file, next, count);
        files.add(file);
        next += count;
      }
      Path empty = directory.resolve(this + "_empty");
      Files.write(empty, new byte[0]);
      files.add(2, empty);
      return files;
    }

    /** Writes the records from {@code first} on. */
    void write(Path file, int first, int count) throws IOException {
      WriterOptions all = options.apply(WriterOptions.defaults());
      try (RecordWriter writer = RecordWriter.open(file, all)) {
        for (int i = 0; i < count; i++) {
          writer.write(record(first + i));
        }
      }
    }

    static int records() {
      return RECORDS;
    }
  }

  static FileSource open(List<Path> files, long cacheSize) throws IOException {
    return open(files, RandomAccessOptions.defaults().withCacheSize(cacheSize));
  }

  static FileSource open(List<Path> files, RandomAccessOptions options) throws IOException {
    RandomAccessReader reader = RandomAccessReader.open(files, options);
    return new FileSource("source", IndexedFiles.of(reader), reader::close);
  }

  /** The bytes of a record that was read. */
  static byte[] bytes(RecordsHold hold, int index) {
    assertThat(hold.failure(index)).isNull();
    return hold.part(index)
        .asSlice(hold.offset(index), hold.size(index))
        .toArray(ValueLayout.JAVA_BYTE);
  }

  /** Checks that {@code hold} has the numbered records. */
  static void assertRecords(RecordsHold hold, long[] numbers, int count) {
    for (int i = 0; i < count; i++) {
      assertThat(bytes(hold, i)).as("record %d", numbers[i]).isEqualTo(record((int) numbers[i]));
    }
  }
}
