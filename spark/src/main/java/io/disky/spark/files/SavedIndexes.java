package io.disky.spark.files;

import io.disky.DerivedFile;
import java.util.Set;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Saved indexes of record files, which are record files themselves, but not data. */
final class SavedIndexes {
  private static final String SUFFIX = ".index";

  private SavedIndexes() {}

  /**
   * Whether the file at {@code path} is a saved index. On this machine its contents decide;
   * elsewhere, where a look at them is a request, the file that it is named after.
   *
   * @param names the names of all files of its directory
   */
  static boolean contain(FileSystem system, Path path, Set<String> names) {
    String name = path.getName();
    if (!name.endsWith(SUFFIX)) {
      return false;
    }
    return LocalFiles.are(system)
        ? LocalFiles.path(path).flatMap(DerivedFile::of).isPresent()
        : names.contains(name.substring(0, name.length() - SUFFIX.length()));
  }
}
