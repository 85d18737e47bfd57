package io.disky;

/** What a writer does about a file that exists, or does not. */
public enum OpenMode {
  /**
   * Creates the file; a {@link java.nio.file.FileAlreadyExistsException} if it exists. The default,
   * because it cannot lose anything.
   */
  CREATE_NEW,
  /** Creates the file, or discards what it holds, once no other writer holds it. */
  OVERWRITE,
  /**
   * Creates the file, or continues it after its last record, whatever its dialect and compression.
   * A file whose end is torn or damaged is refused with a {@link CorruptFileException}, and left as
   * it is; {@link WriterOptions#withRepair} has a torn one cut first.
   */
  APPEND
}
