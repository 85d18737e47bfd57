package io.disky.s3;

/**
 * The sizes of the parts of an upload. S3 takes 10,000 parts of 5 MiB to 5 GiB, and objects of 5
 * TiB.
 *
 * @param fixed the size of all parts in bytes; 0 if it grows
 */
record PartSizes(long fixed) {
  /** The largest number of parts. */
  static final int MAX_PARTS = 10_000;

  static final long MIN_SIZE = 5L << 20;
  static final long MAX_SIZE = 1L << 30;

  private static final long FIRST_SIZE = 8L << 20;

  // So files of up to 8 GiB are sent in parts of 8 MiB.
  private static final int EQUAL_PARTS = 1_024;

  // The sum of all sizes is then 5.1 TiB.
  private static final long GROWTH = 136L << 10;

  /** The sizes for any store but those that require equal parts. */
  static PartSizes growing() {
    return new PartSizes(0);
  }

  /** Size of the part with this number, from 0 on, in bytes. */
  long size(int part) {
    return fixed > 0 ? fixed : FIRST_SIZE + GROWTH * Math.max(0, part + 1 - EQUAL_PARTS);
  }

  /** Size of the largest file in bytes. */
  long largestFile() {
    long sum = 0;
    for (int part = 0; part < MAX_PARTS; part++) {
      sum += size(part);
    }
    return sum;
  }
}
