package io.disky;

/**
 * The layout of the compressed data of a file. Uncompressed chunks are the same in both dialects,
 * and a reader detects the dialect of each chunk; only a writer has to choose.
 */
public enum Dialect {
  /**
   * As upstream disky (Rust) and pisky (Python) read and write them: record sizes uncompressed,
   * record values one zstd frame. The default.
   */
  DISKY,
  /**
   * As Google's Riegeli specification defines it, for Riegeli in C++ and other implementations of
   * the specification.
   */
  RIEGELI
}
