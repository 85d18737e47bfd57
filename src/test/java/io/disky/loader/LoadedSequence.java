package io.disky.loader;

import io.disky.Compression;
import io.disky.testing.NumberedRecords;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What loaders deliver, record by record. */
final class LoadedSequence {
  /** A delivered record: where it is from, where it is in the epoch, and its bytes. */
  record Entry(long epoch, long position, int source, long number, List<Byte> bytes) {}

  private LoadedSequence() {}

  /** Two files of numbered records, one of them compressed, with chunks of different sizes. */
  static List<Path> files(Path directory) throws IOException {
    return List.of(
        NumberedRecords.write(directory.resolve("first"), Compression.none(), 21, 50),
        NumberedRecords.write(directory.resolve("second"), Compression.zstd(3), 40, 7));
  }

  /** Adds the records of a batch to {@code all}, except padding. */
  static void add(LoadedBatch batch, List<Entry> all) {
    for (int i = 0; i < batch.recordCount(); i++) {
      List<Byte> bytes = new ArrayList<>();
      for (byte value : NumberedRecords.bytes(batch.get(i))) {
        bytes.add(value);
      }
      if (!batch.isPadding(i)) {
        all.add(
            new Entry(batch.epoch(), batch.position(i), batch.source(i), batch.number(i), bytes));
      }
    }
  }

  /** All records that a loader delivers from here on. */
  static List<Entry> rest(DataLoader loader) {
    List<Entry> all = new ArrayList<>();
    for (LoadedBatch batch : loader) {
      add(batch, all);
    }
    return all;
  }
}
