package io.disky.spark.files;

import java.nio.file.Path;
import java.util.Optional;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** Files of the machine itself, which disky opens without Hadoop. */
public final class LocalFiles {
  /** Hive's class, which Spark's distribution has in the place of Hadoop's, and which calls it. */
  private static final String HIVE = "org.apache.hadoop.hive.ql.io.ProxyLocalFileSystem";

  private LocalFiles() {}

  /**
   * Whether {@code system} is the local file system of Hadoop or Hive. A class of the user that
   * replaces or extends it must be asked for each file.
   */
  public static boolean are(FileSystem system) {
    Class<?> type = system.getClass();
    return type == LocalFileSystem.class
        || type == RawLocalFileSystem.class
        || (type.getName().equals(HIVE) && system.getScheme().equals("file"));
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
