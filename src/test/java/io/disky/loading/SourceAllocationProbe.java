package io.disky.loading;

import com.sun.management.ThreadMXBean;
import io.disky.Compression;
import io.disky.Container;
import io.disky.OpenMode;
import io.disky.RandomAccessOptions;
import io.disky.RandomAccessReader;
import io.disky.RecordWriter;
import io.disky.WriterOptions;
import io.disky.loading.LoadedSource.ChunkHold;
import io.disky.order.ChunkLayout;
import io.disky.random.IndexedFiles;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.SplittableRandom;

/** Prints how much Java heap a record of a source costs, in a JVM that does nothing else. */
final class SourceAllocationProbe {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final long SEED = 20261130;
  private static final int RECORDS = 100_000;
  private static final int RECORD_SIZE = 1_000;
  private static final int BATCH = 256;
  private static final int WINDOW = 8;

  // The compiler gets so many rounds to do its work, and what it arrived at must last.
  private static final int MOST_ROUNDS = 80;
  private static final int STEADY_ROUNDS = 5;

  private final FileSource source;
  private final long[] numbers = new long[BATCH];
  private final SplittableRandom random = new SplittableRandom(SEED);
  private long checksum;

  private SourceAllocationProbe(FileSource source) {
    this.source = source;
  }

  private interface Round {
    /** Returns the number of records. */
    long run() throws IOException;
  }

  /** Arguments: what to do, and the most bytes for each thousand records. */
  public static void main(String[] args) throws IOException {
    boolean window = args[0].startsWith("window");
    long cache = args[0].equals("cached") ? 1L << 30 : 0;
    Path file = Path.of(args[0]);
    write(file, window);
    RandomAccessReader reader =
        RandomAccessReader.open(file, RandomAccessOptions.defaults().withCacheSize(cache));
    SourceAllocationProbe probe =
        new SourceAllocationProbe(
            new FileSource("source", IndexedFiles.of(reader), reader::close));
    long limit = Long.parseLong(args[1]);
    int steady = 0;
    int rounds = 0;
    long bytes = 0;
    while (rounds < MOST_ROUNDS && steady < STEADY_ROUNDS) {
      bytes = bytesPerThousand(window ? probe::windows : probe::batches);
      steady = bytes <= limit ? steady + 1 : 0;
      rounds++;
    }
    probe.source.close();
    System.out.println("bytes_per_thousand_records " + bytes);
    System.out.println("steady " + (steady == STEADY_ROUNDS ? 1 : 0));
    System.out.println("rounds " + rounds);
    System.out.println("checksum " + probe.checksum);
  }

  private static void write(Path file, boolean chunks) throws IOException {
    WriterOptions options =
        WriterOptions.defaults()
            .withOpenMode(OpenMode.OVERWRITE)
            .withCompression(Compression.none());
    WriterOptions chosen = chunks ? options : options.withContainer(Container.ARRAY_RECORD);
    byte[] record = new byte[RECORD_SIZE];
    try (RecordWriter writer = RecordWriter.open(file, chosen)) {
      for (int i = 0; i < RECORDS; i++) {
        record[i % RECORD_SIZE] = (byte) i;
        writer.write(record);
      }
    }
  }

  private static long bytesPerThousand(Round round) throws IOException {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    long records = round.run();
    return (THREADS.getCurrentThreadAllocatedBytes() - before) * 1000 / records;
  }

  /** Batches of single records in a random order, as a global shuffle wants them. */
  private long batches() throws IOException {
    int batches = 100;
    for (int batch = 0; batch < batches; batch++) {
      // Ascending without Arrays.sort, which allocates.
      int most = RECORDS / BATCH;
      for (int i = 0; i < BATCH; i++) {
        numbers[i] = (long) i * most + random.nextInt(most);
      }
      read(BATCH);
    }
    return (long) batches * BATCH;
  }

  /** Windows of held chunks, whose records are read in batches. */
  private long windows() throws IOException {
    ChunkLayout layout = source.layout();
    ChunkHold[] held = new ChunkHold[WINDOW];
    long records = 0;
    for (int chunk = 0; chunk + WINDOW <= layout.chunks(); chunk += WINDOW) {
      for (int i = 0; i < WINDOW; i++) {
        held[i] = source.hold(chunk + i);
      }
      long end = layout.firstRecord(chunk + WINDOW);
      for (long first = layout.firstRecord(chunk); first < end; first += BATCH) {
        int count = (int) Math.min(BATCH, end - first);
        for (int i = 0; i < count; i++) {
          numbers[i] = first + i;
        }
        read(count);
        records += count;
      }
      for (ChunkHold hold : held) {
        hold.close();
      }
    }
    return records;
  }

  private void read(int count) throws IOException {
    try (RecordsHold hold = source.read(numbers, count)) {
      for (int i = 0; i < count; i++) {
        checksum += hold.size(i) + hold.part(i).get(ValueLayout.JAVA_BYTE, hold.offset(i));
      }
    }
  }
}
