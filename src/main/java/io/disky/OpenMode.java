package io.disky;

/** How a writer opens a file that exists, or does not exist. */
public enum OpenMode {
  /**
   * Creates the file; a {@link java.nio.file.FileAlreadyExistsException} if it exists. The default,
   * because it cannot lose data.
   */
  CREATE_NEW,
  /**
   * Creates the file, or removes the contents of the file that exists, unless another writer has it
   * open.
   */
  OVERWRITE,
  /**
   * Creates the file, or continues it after its last record, whatever its dialect and compression.
   * If the end of the file is torn or damaged, the writer throws a {@link CorruptFileException} and
   * does not change the file; with {@link WriterOptions#withRepair} it first cuts off a torn end.
   */
  APPEND
}
