package io.disky.cli;

import io.disky.ReaderOptions;
import io.disky.RecordBatch;
import io.disky.RecordReader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The records of record files, in order. They can be written only once. */
final class ConvertedRecords implements RecordsToWrite {
  private final RecordReader reader;
  private final List<RecordFile> others;
  private final Function<String, ReaderOptions> options;
  private @Nullable RecordBatch next;

  /**
   * The remaining records of {@code reader}, then the records of other files. The constructor reads
   * the first batch, so that a file that is not a record file is detected before anything is
   * written.
   *
   * @param options returns the options for reading the file of a name
   */
  ConvertedRecords(
      RecordReader reader, List<RecordFile> others, Function<String, ReaderOptions> options)
      throws IOException {
    this.reader = reader;
    this.others = others;
    this.options = options;
    this.next = reader.nextBatch();
  }

  @Override
  public long size() throws IOException {
    long size = RecordFile.size(others);
    return size == Progress.UNKNOWN ? size : size + reader.fileSize();
  }

  /** Takes a record. */
  @FunctionalInterface
  interface Taker {
    /** Takes a record, which is valid until this method returns. */
    void take(MemorySegment record) throws IOException;
  }

  @Override
  public void writeTo(RecordSink sink, Progress progress) throws IOException {
    forEach(sink::write, progress);
  }

  /** Passes all records to {@code taker}. */
  void forEach(Taker taker, Progress progress) throws IOException {
    while (next != null) {
      pass(next, 0, taker, progress);
      next = reader.nextBatch();
    }
    long done = reader.fileSize();
    for (RecordFile other : others) {
      try (RecordReader more = other.open(options.apply(other.readName()))) {
        passAll(more, done, taker, progress);
        done += more.fileSize();
      }
    }
  }

  private static void passAll(RecordReader reader, long done, Taker taker, Progress progress)
      throws IOException {
    for (RecordBatch batch = reader.nextBatch(); batch != null; batch = reader.nextBatch()) {
      pass(batch, done, taker, progress);
    }
  }

  /**
   * Passes on the records of {@code batch}. The files before the file of the batch have {@code
   * done} bytes.
   */
  private static void pass(RecordBatch batch, long done, Taker taker, Progress progress)
      throws IOException {
    try (batch) {
      for (int i = 0; i < batch.recordCount(); i++) {
        taker.take(batch.get(i));
      }
      progress.stepTo(done + batch.chunkBegin());
    }
  }
}
