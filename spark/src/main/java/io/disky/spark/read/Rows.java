package io.disky.spark.read;

import java.io.IOException;

/** The rows of a part of a file, a batch at a time. */
interface Rows extends AutoCloseable {
  /**
   * Goes to the next batch: fills the columns.
   *
   * @return the number of its rows, at least 1; 0 at the end
   */
  int next() throws IOException;

  /** Closes the file, from any thread. Later calls do nothing. */
  @Override
  void close();
}
