package io.disky;

import io.disky.random.FileBegin;
import io.disky.random.SavedIndexFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * A file that this library keeps next to record files and that contains no records of the user,
 * though it may have the format of a record file. {@link Shards} leaves such files out of
 * directories; programs that list files in another way can do the same.
 */
public enum DerivedFile {
  /** A {@linkplain SavedIndex saved index}, whatever its name is. */
  SAVED_INDEX("a saved index"),
  /**
   * The unfinished file of a writer that creates its file {@linkplain
   * WriterOptions#withAtomicCreation atomically}, or that saves an index: still being written, or
   * left after a crash.
   */
  TEMPORARY("an unfinished temporary file");

  private final String text;

  DerivedFile(String text) {
    this.text = text;
  }

  /**
   * Returns the kind of derived file that {@code file} is. Reads the first 104 bytes, and the first
   * chunk only if the file may be a saved index.
   *
   * @return empty if the file may be data, is not a regular file, or cannot be read: opening it
   *     then throws the exception that says why
   */
  public static Optional<DerivedFile> of(Path file) {
    Objects.requireNonNull(file, "file");
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      FileBegin begin = FileBegin.of(file);
      if (hasTemporaryName(file) && (begin.isEmpty() || begin.isRecordFile())) {
        return Optional.of(TEMPORARY);
      }
      boolean index = SavedIndexFile.isIndex(file, begin, SavedIndex.RECORD_FILES);
      return index ? Optional.of(SAVED_INDEX) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static boolean hasTemporaryName(Path file) {
    return String.valueOf(file.getFileName()).matches("\\..*\\.[0-9a-f]{16}\\.tmp");
  }

  /** The kind of file as messages name it, for example {@code a saved index}. */
  @Override
  public String toString() {
    return text;
  }
}
