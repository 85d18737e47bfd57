package io.disky.shuffling;

/**
 * The records of consecutive positions, in the order of their numbers.
 *
 * @param first the first position
 * @param count number of positions, each of which has a record
 * @param bytes sum of the sizes of the records that are not {@linkplain ShuffleMemory#isLarge
 *     large}
 * @param entries for each record: its number minus that of the record before; its size; its
 *     contents, or if it is large its index in {@link LargeRecords}
 */
record Part(long first, long count, long bytes, Chain entries) {
  /** The memory that the part takes when it is loaded. */
  long load() {
    return ShuffleMemory.load(count, bytes);
  }
}
