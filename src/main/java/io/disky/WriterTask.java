package io.disky;

import java.io.IOException;

/** Writes the records of a file, for {@link RecordWriter#writeAtomically}. */
@FunctionalInterface
public interface WriterTask {
  /**
   * Writes all records of the file.
   *
   * @param writer the writer of the file; it cannot be closed by this method
   * @throws IOException to discard the file; an unchecked exception discards it as well
   */
  void write(RecordWriter writer) throws IOException;
}
