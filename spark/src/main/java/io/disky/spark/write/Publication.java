package io.disky.spark.write;

import java.io.IOException;
import java.util.List;

/**
 * How the driver makes the files of a query visible to readers: all of those that the successful
 * attempts have written, and no others. One thread at a time may use it.
 */
interface Publication {
  /** Prepares the directories in which tasks write. */
  void begin() throws IOException;

  /** Where tasks put their files. */
  TaskFiles.Factory taskFiles();

  /**
   * Publishes the files of all tasks, in this order. If it throws, some may be visible until {@link
   * #rollBack()}.
   */
  void publish(List<WrittenFiles> tasks) throws IOException;

  /**
   * Writes the marker {@code _SUCCESS}, if that is configured and not done yet. Nothing else
   * follows that could fail the query.
   */
  void markSuccess() throws IOException;

  /** Removes everything that the query has written. It can be called at any time. */
  void rollBack() throws IOException;

  /** Removes what only tasks needed, after all files are published. */
  void cleanUp() throws IOException;
}
