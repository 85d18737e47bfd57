package io.disky.oracle;

/** The layout of zstd-compressed buffers in a simple chunk. */
public enum ZstdDialect {
  /** Sizes uncompressed; values as one zstd frame. */
  DISKY,

  /** Sizes and values each as a varint of the decompressed size, then one zstd frame. */
  RIEGELI
}
