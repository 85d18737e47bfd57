package io.disky.bench;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.disky.RandomAccessOptions;
import io.disky.RandomAccessReader;
import io.disky.loader.DataLoader;
import io.disky.loader.LoadedBatch;
import io.disky.loader.LoaderOptions;
import io.disky.loader.RecordSource;
import io.disky.loader.Shuffle;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** Loads all records of a file in batches, as a training program does. */
final class DiskyLoading {
  private static final long BATCH_BYTES = 1 << 20;
  private static final long WINDOW_BYTES = 16 << 20;

  private DiskyLoading() {}

  /** In the order of the file. */
  static Work inOrder(Arguments arguments) throws IOException {
    return loading(arguments, Shuffle.none());
  }

  /** Shuffled in windows. */
  static Work windowed(Arguments arguments) throws IOException {
    return loading(arguments, Shuffle.windowed(WINDOW_BYTES));
  }

  /** Shuffled as a whole. */
  static Work global(Arguments arguments) throws IOException {
    return loading(arguments, Shuffle.global());
  }

  private static Work loading(Arguments arguments, Shuffle shuffle) throws IOException {
    RecordSource source = RecordSource.files(arguments.path("input"));
    LoaderOptions options =
        LoaderOptions.defaults()
            .withShuffle(shuffle)
            .withBatchSize(batchRecords(arguments))
            .withWorkers(arguments.number("threads"));
    return () -> {
      long sum = 0;
      try (DataLoader loader = DataLoader.open(source, options)) {
        for (LoadedBatch batch : loader) {
          sum += sum(batch);
        }
      }
      return sum;
    };
  }

  private static int batchRecords(Arguments arguments) throws IOException {
    RecordsFile records = new RecordsFile(arguments.path("records"));
    return (int) Math.max(1, BATCH_BYTES / Math.max(1, records.bytes() / records.count()));
  }

  /** The {@link Checksum} of a batch. */
  private static long sum(LoadedBatch batch) {
    MemorySegment data = batch.data();
    MemorySegment offsets = batch.offsets();
    long sum = 0;
    long begin = 0;
    for (int i = 0; i < batch.recordCount(); i++) {
      long end = offsets.getAtIndex(JAVA_LONG, i + 1);
      if (end > begin) {
        sum += end - begin + data.get(JAVA_BYTE, begin);
      }
      begin = end;
    }
    return sum;
  }

  /** Reads all records in a random order, as many in one call as a batch has. */
  static Work visiting(Arguments arguments) throws IOException {
    Path input = arguments.path("input");
    int batch = batchRecords(arguments);
    RandomAccessOptions options =
        RandomAccessOptions.defaults()
            .withCacheSize(1 << 20)
            .withParallelism(arguments.number("threads") - 1);
    return () -> {
      long[] sum = {0};
      try (RandomAccessReader reader = RandomAccessReader.open(input, options)) {
        RandomOrder order = new RandomOrder(reader.recordCount());
        for (long left = reader.recordCount(); left > 0; left -= batch) {
          long[] indices = order.next((int) Math.min(left, batch));
          reader.visitAll(indices, (_, record) -> sum[0] += Checksum.of(record));
        }
      }
      return sum[0];
    };
  }
}
