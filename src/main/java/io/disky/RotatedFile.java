package io.disky;

import java.nio.file.Path;
import java.util.Objects;

/**
 * A complete file of a {@link RotatingRecordWriter}.
 *
 * @param path the path of the file
 * @param number the number that was passed to the {@link FileNaming}
 * @param recordCount number of records
 * @param recordBytes sum of the sizes of the records, in bytes
 * @param fileSize size of the file in bytes
 */
public record RotatedFile(
    Path path, long number, long recordCount, long recordBytes, long fileSize) {
  /** Checks that there is a path. */
  public RotatedFile {
    Objects.requireNonNull(path, "path");
  }
}
