package io.disky.cli;

import io.disky.RecordBatch;
import io.disky.RecordReader;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The records of a record file, in order. They can be written once. */
final class ConvertedRecords implements RecordSource {
  private final RecordReader reader;
  private @Nullable RecordBatch next;

  /**
   * The records that {@code reader} has still to read. The first ones are read at once, so that
   * what is no record file at all is noticed before anything is written.
   */
  ConvertedRecords(RecordReader reader) throws IOException {
    this.reader = reader;
    this.next = reader.nextBatch();
  }

  @Override
  public long size() throws IOException {
    return reader.fileSize();
  }

  @Override
  public void writeTo(RecordSink sink, Progress progress) throws IOException {
    while (next != null) {
      try (RecordBatch batch = next) {
        for (int i = 0; i < batch.count(); i++) {
          sink.write(batch.get(i));
        }
        progress.stepTo(batch.chunkBegin());
      }
      next = reader.nextBatch();
    }
  }
}
