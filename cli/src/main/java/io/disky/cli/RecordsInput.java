package io.disky.cli;

import io.disky.ReaderOptions;
import io.disky.RecordBatch;
import io.disky.RecordReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A record file among inputs of other formats.
 *
 * @param reading returns the options for reading it, which report skipped regions to a consumer
 */
record RecordsInput(Path path, Function<Consumer<String>, ReaderOptions> reading)
    implements ConvertedInput {
  @Override
  public void forEach(Taker taker) throws IOException {
    try (RecordReader reader = RecordReader.open(path, reading.apply(taker::skipped))) {
      while (pass(reader, taker)) {}
    }
  }

  /** Passes the records of the next chunk; returns false if there is none. */
  private static boolean pass(RecordReader reader, Taker taker) throws IOException {
    try (RecordBatch batch = reader.nextBatch()) {
      if (batch == null) {
        return false;
      }
      for (int i = 0; i < batch.recordCount(); i++) {
        taker.take(batch.get(i));
      }
      taker.read(batch.chunkBegin());
      return true;
    }
  }
}
