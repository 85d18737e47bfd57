package io.disky;

/**
 * How compressed chunks are laid out. Uncompressed chunks are the same in both dialects, and a
 * reader detects the dialect of each chunk; only a writer has to choose.
 */
public enum Dialect {
  /**
   * As upstream disky (Rust) and pisky (Python) read and write them: record sizes uncompressed,
   * record values one zstd frame. The default.
   */
  DISKY,
  /** As Google's Riegeli specification has it, for C++ and everybody else who follows it. */
  RIEGELI
}
