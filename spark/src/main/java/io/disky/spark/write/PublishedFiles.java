package io.disky.spark.write;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;

/** The files of a query that readers may see already. */
final class PublishedFiles {
  private final FileSystem fileSystem;
  private final List<Path> files = new ArrayList<>();

  PublishedFiles(FileSystem fileSystem) {
    this.fileSystem = fileSystem;
  }

  void add(Path file) {
    files.add(file);
  }

  /**
   * Removes all files, even if some cannot be removed.
   *
   * @param failure the failure of earlier steps
   * @return the first failure, with the others; {@code null} if there is none
   */
  @Nullable IOException remove(@Nullable IOException failure) {
    IOException first = failure;
    for (Path file : files) {
      try {
        fileSystem.delete(file, false);
      } catch (IOException e) {
        first = Failures.add(first, new IOException(file + ": this file is left", e));
      }
    }
    return first;
  }
}
