package io.disky.cli;

import io.disky.files.QuotedText;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.List;

/**
 * Splits files or standard input into records.
 *
 * @param files the inputs, at least one
 * @param standardInput the input for {@code -} in {@code files}
 * @param splitter finds the ends of records
 */
record SplitInput(List<FileArgument> files, InputStream standardInput, Splitter splitter)
    implements RecordsToWrite {
  /** Finds the records in an input. */
  interface Splitter {
    /** Writes all records of {@code in} to {@code sink}. */
    void split(InputBuffer in, RecordSink sink) throws IOException;
  }

  @Override
  public long size() throws IOException {
    long size = 0;
    for (FileArgument file : files) {
      if (file.isStandard() || !Files.isRegularFile(file.path())) {
        return Progress.UNKNOWN;
      }
      size += Files.size(file.path());
    }
    return size;
  }

  @Override
  public void writeTo(RecordSink sink, Progress progress) throws IOException {
    for (FileArgument file : files) {
      if (file.isStandard()) {
        splitter.split(new InputBuffer("standard input", standardInput, progress), sink);
        continue;
      }
      try (InputStream in = Files.newInputStream(file.path())) {
        splitter.split(new InputBuffer(QuotedText.name(file.name()), in, progress), sink);
      }
    }
  }
}
