package io.disky.cli;

import java.io.IOException;

/** A source of records to write. */
interface RecordsToWrite {
  /** The size of the input in bytes, or {@link Progress#UNKNOWN}. */
  default long size() throws IOException {
    return Progress.UNKNOWN;
  }

  /** Writes all records. */
  void writeTo(RecordSink sink, Progress progress) throws IOException;
}
