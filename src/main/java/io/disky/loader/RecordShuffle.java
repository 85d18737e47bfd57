package io.disky.loader;

import io.disky.ChunkDescription;
import io.disky.RecordBatch;
import io.disky.RecordReader;
import io.disky.RecordVisitor;
import io.disky.RecordWriter;
import io.disky.Shard;
import io.disky.Shards;
import io.disky.files.QuotedText;
import io.disky.shuffling.ExternalShuffle;
import io.disky.shuffling.RecordInput;
import io.disky.shuffling.RecordTarget;
import io.disky.shuffling.ShuffleMemory;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * Puts the records of files into a shuffled order, in bounded memory. The files form one sequence;
 * the record at position p of the result is the record number {@code order().recordAt(p)} of that
 * sequence. So the result depends only on the records, their order in the files, and the
 * {@linkplain RecordShuffleOptions#withSeed seed}.
 *
 * {@snippet :
 * RecordShuffle shuffle = RecordShuffle.of(files, RecordShuffleOptions.defaults().withSeed(7));
 * shuffle.write(output);
 * }
 *
 * <p><b>Memory and disk.</b> Records that take at most half of the {@linkplain
 * RecordShuffleOptions#withMemory memory}, with 16 additional bytes for each record, are shuffled
 * in memory. Otherwise a first pass over the files distributes the records over the parts of a
 * temporary file of about {@link #temporaryBytes()} bytes; then the shuffle loads one part after
 * the other and writes its records in order. Records are not compressed in the temporary file. Only
 * the owner of the file can read it. The operating system removes it when the process ends, even if
 * the process is killed.
 *
 * <p><b>Failures.</b> The methods throw the exceptions of {@link RecordReader} if a file is
 * damaged, an {@link IOException} if the temporary file cannot be created, written or read (its
 * message names the directory), and an {@link IOException} if a file no longer has the records that
 * it had. If the thread is interrupted, they throw a {@link java.io.InterruptedIOException}, and
 * the thread stays interrupted.
 *
 * <p><b>Threads.</b> A shuffle is immutable and has no open files, so any thread may use it. Each
 * call works on the calling thread, with the threads of the options for reading and writing.
 */
public final class RecordShuffle {
  private final List<Shard> files;
  private final RecordShuffleOptions options;
  private final long recordCount;
  private final long recordBytes;

  private RecordShuffle(
      List<Shard> files, RecordShuffleOptions options, long recordCount, long recordBytes) {
    this.files = files;
    this.options = options;
    this.recordCount = recordCount;
    this.recordBytes = recordBytes;
  }

  /**
   * A shuffle of the records of {@code files}: those of the first file, then those of the second
   * one, and so on. Reads the chunk headers of the files.
   *
   * @throws IllegalArgumentException if {@code files} is empty
   * @throws io.disky.CorruptFileException if a chunk header is damaged
   * @throws IOException if a file cannot be opened or read
   * @throws UnsatisfiedLinkError if the native library cannot be loaded; the message states the
   *     reason and the remedy
   * @throws IllegalCallerException if the JVM denies native access; the message names the flag
   */
  public static RecordShuffle of(List<Path> files, RecordShuffleOptions options)
      throws IOException {
    return shuffle(files.stream().map(Shard::of).toList(), options);
  }

  /**
   * A shuffle of the records of {@code shards}, local or remote files for example, in their order.
   * Each shard is opened twice: now, and when the records are read. Throws as {@link #of(List,
   * RecordShuffleOptions)} does.
   */
  public static RecordShuffle of(Shards shards, RecordShuffleOptions options) throws IOException {
    return shuffle(shards.list(), options);
  }

  private static RecordShuffle shuffle(List<Shard> all, RecordShuffleOptions options)
      throws IOException {
    Objects.requireNonNull(options, "options");
    if (all.isEmpty()) {
      throw new IllegalArgumentException("no files were given");
    }
    Tally tally = new Tally();
    for (Shard file : all) {
      try (RecordReader reader = file.open(options.readerOptions())) {
        reader.forEachChunk(tally::add);
      }
    }
    return new RecordShuffle(all, options, tally.records, tally.bytes);
  }

  /** Adds up chunks. Sums that do not fit are {@link Long#MAX_VALUE}. */
  private static final class Tally {
    private long records;
    private long bytes;

    void add(ChunkDescription chunk) {
      if (chunk.type().holdsRecords()) {
        records = sum(records, chunk.recordCount());
        bytes = sum(bytes, chunk.recordBytes());
      }
    }

    private static long sum(long a, long b) {
      return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
    }
  }

  /** Number of records. */
  public long recordCount() {
    return recordCount;
  }

  /** Sum of the sizes of the records in bytes, before compression. */
  public long recordBytes() {
    return recordBytes;
  }

  /** The order of the result. */
  public ShuffledOrder order() {
    return ShuffledOrder.of(recordCount, options.seed());
  }

  /**
   * An estimate of the size of the temporary file in bytes, which almost no input exceeds; 0 if the
   * shuffle needs no temporary file. It is the sum of the size of the records before compression, 8
   * bytes for each record, at most half of the memory, and a reserve. The reserve is about a tenth
   * if the records take many times the memory.
   */
  public long temporaryBytes() {
    return new ShuffleMemory(options.memory()).temporaryBytes(recordCount, recordBytes);
  }

  /**
   * Writes the records to the file {@code output} in the order of the result, with the {@linkplain
   * RecordShuffleOptions#withWriterOptions options for writing}. The file is created atomically, as
   * by {@link RecordWriter#writeAtomically}: if this method throws, the file does not appear, and a
   * file that existed before stays as it was.
   *
   * @throws java.nio.file.FileAlreadyExistsException if {@code output} exists, unless the options
   *     for writing have {@link io.disky.OpenMode#OVERWRITE}
   * @throws IllegalArgumentException if the options for writing cannot be combined or append
   * @throws IOException if reading or writing fails
   */
  public void write(Path output) throws IOException {
    RecordWriter.writeAtomically(
        output, options.writerOptions(), writer -> run(writer::write, directoryOf(output)));
  }

  private static Path directoryOf(Path file) {
    return Objects.requireNonNullElse(file.toAbsolutePath().getParent(), file.toAbsolutePath());
  }

  /**
   * Calls {@code visitor} with each record, in the order of the result, on the calling thread.
   *
   * @throws IOException if reading fails
   * @throws X if the visitor throws it
   */
  public <X extends Throwable> void visit(RecordVisitor<X> visitor) throws IOException, X {
    Objects.requireNonNull(visitor, "visitor");
    this.<X>run(visitor::visit, Path.of(System.getProperty("java.io.tmpdir")));
  }

  private <X extends Throwable> void run(RecordTarget<X> target, Path defaultDirectory)
      throws IOException, X {
    ShuffledOrder order = order();
    new ExternalShuffle(
            name(),
            recordCount,
            recordBytes,
            order::positionOf,
            new ShuffleMemory(options.memory()),
            options.temporaryDirectory().orElse(defaultDirectory),
            this::report)
        .run(this::read, target);
  }

  private String name() {
    String first = QuotedText.name(files.getFirst().name());
    return files.size() == 1 ? first : first + " and " + (files.size() - 1) + " more";
  }

  private void report(long done) {
    long total = recordBytes > Long.MAX_VALUE / 2 ? Long.MAX_VALUE : 2 * recordBytes;
    options.listener().ifPresent(listener -> listener.progressed(done, total));
  }

  private void read(RecordInput.Taker taker) throws IOException {
    for (Shard file : files) {
      try (RecordReader reader = file.open(options.readerOptions())) {
        for (RecordBatch batch = reader.nextBatch(); batch != null; batch = reader.nextBatch()) {
          read(batch, taker);
        }
      }
    }
  }

  private static void read(RecordBatch batch, RecordInput.Taker taker) throws IOException {
    try (batch) {
      MemorySegment data = batch.data();
      MemorySegment ends = batch.ends();
      long begin = 0;
      for (int i = 0; i < batch.recordCount(); i++) {
        long end = ends.getAtIndex(ValueLayout.JAVA_LONG, i);
        taker.take(data, begin, end - begin);
        begin = end;
      }
    }
  }

  /** The files and the number of records, for messages. */
  @Override
  public String toString() {
    return "RecordShuffle[files=" + name() + ", recordCount=" + recordCount + "]";
  }
}
