package io.disky.random;

import java.io.IOException;

/** A saved index that is not in a local file. */
public interface SavedIndexSource {
  /** The name of the index in messages. */
  String name();

  /**
   * Opens the index.
   *
   * @throws java.nio.file.NoSuchFileException if it does not exist
   */
  IndexRecordFiles.Records open(IndexRecordFiles.Limits limits) throws IOException;
}
