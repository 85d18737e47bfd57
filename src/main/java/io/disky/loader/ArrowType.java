package io.disky.loader;

/** The type in which {@link LoadedBatch#exportArrow} passes on records. */
public enum ArrowType {
  /**
   * Arrow's {@code large_binary}: sequences of bytes with offsets of 64 bits. For every batch;
   * nothing is copied.
   */
  LARGE_BINARY,

  /**
   * Arrow's {@code binary}: sequences of bytes with offsets of 32 bits. For batches of at most
   * 2<sup>31</sup> - 1 bytes of records; the offsets are copied, the records are not.
   */
  BINARY,

  /**
   * Arrow's {@code fixed_size_binary}: sequences of bytes of one size. For batches that have
   * records, all of one size of 1 to 2<sup>31</sup> - 1 bytes; nothing is copied.
   */
  FIXED_SIZE_BINARY
}
