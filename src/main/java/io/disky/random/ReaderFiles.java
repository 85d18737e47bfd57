package io.disky.random;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The files of a public type that reads files by number. Other public types of this library reach
 * them here; users cannot, because they cannot use this package. Thread-safe.
 */
public final class ReaderFiles {
  private static volatile @Nullable Function<Object, IndexedFiles> access;

  private ReaderFiles() {}

  /**
   * The public type states how to get the files of one of its objects, before the first of them is
   * used.
   */
  public static void set(Function<Object, IndexedFiles> files) {
    access = files;
  }

  /**
   * The files of {@code reader}, which stay those of the reader: the caller does not close them.
   */
  public static IndexedFiles of(Object reader) {
    Function<Object, IndexedFiles> files = access;
    if (files == null) {
      throw new IllegalStateException("no reader was opened");
    }
    return files.apply(reader);
  }
}
