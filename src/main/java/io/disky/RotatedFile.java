package io.disky;

import java.nio.file.Path;
import java.util.Objects;

/**
 * A complete file of a {@link RotatingRecordWriter}.
 *
 * @param path where it is
 * @param number the number that the {@link FileNaming} got for it
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
