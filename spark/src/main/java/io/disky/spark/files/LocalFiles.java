package io.disky.spark.files;

import java.nio.file.Path;
import java.util.Optional;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** Files of the machine itself, which disky opens without Hadoop. */
public final class LocalFiles {
  private LocalFiles() {}

  /**
   * Whether {@code system} is Hadoop's own local file system. A class of the user that replaces or
   * extends it must be asked for each file.
   */
  public static boolean are(FileSystem system) {
    Class<?> type = system.getClass();
    return type == LocalFileSystem.class || type == RawLocalFileSystem.class;
  }

  /** The path of a file that disky opens without Hadoop; empty if it is another file. */
  public static Optional<Path> path(FileSystem system, org.apache.hadoop.fs.Path path) {
    return are(system) ? path(path) : Optional.empty();
  }

  /** The local path; empty if {@code path} is not on this machine. */
  static Optional<Path> path(org.apache.hadoop.fs.Path path) {
    return "file".equals(path.toUri().getScheme())
        ? Optional.of(Path.of(path.toUri().getPath()))
        : Optional.empty();
  }
}
