package io.disky.cli;

import io.disky.ReaderOptions;
import io.disky.RecordPosition;
import io.disky.RecordReader;
import io.disky.files.QuotedText;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The records of several files as one sequence. Not thread-safe. */
final class RecordSequence implements AutoCloseable {
  private final List<RecordFile> files;
  private final ReaderOptions options;
  private int nextFile;
  private long done; // bytes of the files before the open one
  private @Nullable RecordReader reader;

  /** The records of {@code files}, in order. Opens one of them at a time. */
  RecordSequence(List<RecordFile> files, ReaderOptions options) {
    this.files = files;
    this.options = options;
  }

  /** Returns the next record, which is valid until the next call; null if there is none. */
  @Nullable MemorySegment next() throws IOException {
    while (true) {
      if (reader == null) {
        if (nextFile == files.size()) {
          return null;
        }
        reader = files.get(nextFile++).open(options);
      }
      MemorySegment record = reader.next();
      if (record != null) {
        return record;
      }
      done += reader.fileSize();
      reader.close();
      reader = null;
    }
  }

  /** The file and the position of the record that {@link #next} has returned. */
  String place() {
    RecordReader open = reader;
    return open == null
        ? "end"
        : TemporaryFile.named(QuotedText.name(open.name())) + ": record " + open.lastPosition();
  }

  /** Number of bytes before the chunk of the last record, in all files. */
  long position() {
    RecordReader open = reader;
    RecordPosition last = open == null ? null : open.lastPosition();
    return done + (last == null ? 0 : last.chunkBegin());
  }

  @Override
  public void close() {
    if (reader != null) {
      reader.close();
    }
  }
}
