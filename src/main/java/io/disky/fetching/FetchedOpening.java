package io.disky.fetching;

import io.disky.threads.Callbacks;
import java.io.IOException;

/** Opens a file that requests read. Thread-safe. */
public interface FetchedOpening {
  /** The name of the file. */
  String name();

  /**
   * Opens the file: a request reads its end. The file is the user's code: a thread that calls it
   * counts as being in a callback of its reader.
   *
   * @param callbacks the callbacks of the reader
   */
  FetchedFile open(Callbacks callbacks) throws IOException;
}
