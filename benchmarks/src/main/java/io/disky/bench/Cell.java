package io.disky.bench;

import java.util.Locale;

/**
 * What contestants are compared at.
 *
 * @param operation what they do
 * @param dataset with which records
 * @param level the level of zstd, 0 if nothing is compressed
 * @param units how many records, or files, one run has
 * @param bytes size of their records in bytes
 */
record Cell(Operation operation, Dataset dataset, int level, long units, long bytes) {
  boolean isCompressed() {
    return level != 0;
  }

  /** How records are compressed, for tables. */
  String compression() {
    return isCompressed() ? "zstd " + level : "none";
  }

  /** Dataset and compression. */
  String input() {
    return dataset.label() + ", " + compression();
  }

  /** A short name, such as {@code read-lines-zstd}. */
  String id() {
    String name = operation + "-" + dataset + "-" + (isCompressed() ? "zstd" : "none");
    return name.toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
