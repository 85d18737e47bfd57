package io.disky;

/** What holds for the records written so far when {@link RecordWriter#flush(FlushMode)} returns. */
public enum FlushMode {
  /**
   * Readers that open the file from now on find them, and they outlive the end of this process, a
   * violent one too. The default.
   */
  VISIBLE,
  /**
   * They also outlive a power cut: the operating system has put them on the disk ({@code
   * fdatasync}).
   */
  SYNC
}
