package io.disky.misuse;

import io.disky.Compression;
import io.disky.Container;
import io.disky.Dialect;
import io.disky.RecordsMetadata;
import io.disky.WriterOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** The resources that all rounds of a JVM share: files, a directory, other threads. */
final class Workshop implements AutoCloseable {
  private static final WriterOptions SMALL =
      WriterOptions.defaults().withChunkSize(400).withCompression(Compression.none());

  private final Path directory;
  private final Rivals rivals;
  private final List<RecordFile> files = new ArrayList<>();
  private final AtomicLong names = new AtomicLong();
  private long nextNumber = 1;

  /**
   * Creates files in {@code directory}, and other threads with stacks of {@code stackSize} bytes.
   */
  Workshop(Path directory, long stackSize) throws IOException {
    this.directory = directory;
    this.rivals = new Rivals(stackSize);
    addFiles();
  }

  private void addFiles() throws IOException {
    WriterOptions riegeli = SMALL.withDialect(Dialect.RIEGELI);
    RecordsMetadata metadata = RecordsMetadata.empty().withFileComment("a comment");
    add("none", 60, 0, SMALL.withDialect(Dialect.DISKY));
    add("zstd", 80, 0, SMALL.withCompression(Compression.zstd()).withChunkSize(700));
    add("brotli", 50, 0, riegeli.withCompression(Compression.brotli(1)));
    add("snappy", 50, 0, riegeli.withCompression(Compression.snappy()));
    add("transposed", 50, 0, riegeli.withTranspose(true).withCompression(Compression.zstd()));
    add("groups", 43, 0, SMALL.withContainer(Container.ARRAY_RECORD).withGroupSize(5));
    add("flushed", 40, 3, SMALL.withChunkSize(1 << 20));
    add("padded", 40, 20, riegeli.withPadding(4096).withMetadata(metadata));
    add("tiny", 200, 0, SMALL.withChunkSize(1));
    add("empty", 0, 0, SMALL);
    add("single", 1, 0, SMALL);
    add("medium", 60, 0, SMALL.withCompression(Compression.zstd()).withChunkSize(9_000), true);
    nextNumber = TellingRecord.LARGE;
    add("large", 5, 0, SMALL);
    add("large_zstd", 5, 0, riegeli.withCompression(Compression.zstd()).withChunkSize(200_000));
    nextNumber = 1_000_000;
  }

  private void add(String name, int count, int flushEvery, WriterOptions options)
      throws IOException {
    add(name, count, flushEvery, options, false);
  }

  private void add(String name, int count, int flushEvery, WriterOptions options, boolean medium)
      throws IOException {
    long first = nextNumber + (medium ? TellingRecord.MEDIUM : 0);
    files.add(RecordFile.write(directory, name, first, count, flushEvery, options));
    nextNumber += count;
  }

  /** Chooses one of the files, rarely a large one. */
  RecordFile file(Dice dice) {
    int large = 2;
    return dice.oneIn(40) ? dice.of(files) : files.get(dice.below(files.size() - large));
  }

  /** The undamaged files, the large ones last. */
  List<RecordFile> files() {
    return List.copyOf(files);
  }

  Rivals rivals() {
    return rivals;
  }

  Path directory() {
    return directory;
  }

  /** A path at which no file exists. */
  Path newPath() {
    return directory.resolve("new-" + names.incrementAndGet());
  }

  @Override
  public void close() throws InterruptedException {
    rivals.close();
  }
}
