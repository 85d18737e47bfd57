package io.disky.oracle;

/** How a simple chunk holds zstd-compressed buffers. */
public enum ZstdDialect {
  /** Sizes as they are; values as one zstd frame. */
  DISKY,

  /** Sizes and values each a varint of the decompressed size and then one zstd frame. */
  RIEGELI
}
