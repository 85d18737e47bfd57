package io.disky.bench;

import java.util.Locale;

/**
 * A comparison: the work on which contestants are compared.
 *
 * @param operation the operation
 * @param dataset the records
 * @param level the level of zstd; 0 without compression
 * @param units number of records or files in one run
 * @param bytes size of the records in bytes
 */
record Cell(Operation operation, Dataset dataset, int level, long units, long bytes) {
  boolean isCompressed() {
    return level != 0;
  }

  /** The compression, for tables. */
  String compression() {
    return isCompressed() ? "zstd " + level : "uncompressed";
  }

  /** Dataset and compression. */
  String input() {
    return dataset.label() + ", " + compression();
  }

  /** The work in words, such as {@code reading 40-byte lines, zstd 3}. */
  String work() {
    return operation.phrase() + " " + input();
  }

  /** A short name, such as {@code read-lines-zstd}. */
  String id() {
    String name = operation + "-" + dataset + "-" + (isCompressed() ? "zstd" : "none");
    return name.toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
