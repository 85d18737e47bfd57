package io.disky.shuffling;

/**
 * A sequence of bytes in linked blocks of a {@link BlockFile}. Each block begins with the number of
 * the next one.
 *
 * @param first the first block; any number if there are no bytes
 * @param bytes number of bytes
 */
record Chain(long first, long bytes) {
  /** Size of the link at the beginning of a block. */
  static final int LINK = Long.BYTES;
}
