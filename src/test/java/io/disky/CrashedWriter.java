package io.disky;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Random;

/** Writes numbered records until its process is killed, and says which of them are on the disk. */
public final class CrashedWriter {
  /** The system property with the seed of everything that is not the records. */
  static final String SEED = "disky.crash.seed";

  /** The system property with the number of the first record. */
  static final String FIRST = "disky.crash.first";

  private static final int LARGE = 3 << 20;

  private CrashedWriter() {}

  /** The record with this number: a few bytes, sometimes many. */
  static byte[] record(long number) {
    Random random = new Random(number);
    int size = random.nextInt(50) == 0 ? random.nextInt(LARGE) : random.nextInt(5000);
    byte[] record = new byte[size];
    random.nextBytes(record);
    return record;
  }

  /** Some way to write a file. */
  static WriterOptions options(long seed) {
    Random random = new Random(seed);
    Compression compression = random.nextBoolean() ? Compression.none() : Compression.zstd(1);
    WriterOptions options =
        WriterOptions.defaults()
            .withOpenMode(OpenMode.APPEND)
            .withRepair(true)
            .withCompression(compression)
            .withChunkSize(1L << (10 + random.nextInt(14)));
    if (random.nextBoolean()) {
      options = options.withDialect(Dialect.RIEGELI);
      options = random.nextBoolean() ? options.withPadding(65_536) : options;
    }
    return options;
  }

  /** Never returns; prints {@code synced N} when the first N records are on the disk. */
  public static void write(Path path, PrintStream out) throws IOException {
    long seed = Long.getLong(SEED);
    long number = Long.getLong(FIRST);
    Random random = new Random(seed);
    try (RecordWriter writer = RecordWriter.open(path, options(seed))) {
      out.println("synced " + number);
      while (true) {
        for (int i = random.nextInt(200); i >= 0; i--) {
          writer.write(record(number++));
        }
        if (random.nextInt(3) == 0) {
          writer.flush(FlushMode.SYNC);
          out.println("synced " + number);
        } else {
          writer.flush();
        }
      }
    }
  }
}
