package io.disky;

/** What {@link RecordWriter#flush(FlushMode)} promises for the records written so far. */
public enum FlushMode {
  /**
   * Readers that open the file from now on find the records, and the records outlive this process,
   * even if it is killed. The default.
   */
  VISIBLE,
  /**
   * The records also outlive a power cut: the operating system has put them on the disk ({@code
   * fdatasync}).
   */
  SYNC
}
