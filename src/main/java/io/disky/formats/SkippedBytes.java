package io.disky.formats;

/**
 * A part of a stream that a {@link FramedRecordReader} has skipped, because it is damaged.
 *
 * @param begin offset in the decompressed stream of its first byte
 * @param end offset just past its last byte; equal to {@code begin} if the compressed data are
 *     damaged between two records or after the last one
 * @param reason what is damaged
 */
public record SkippedBytes(long begin, long end, String reason) {
  /** The size in bytes. */
  public long size() {
    return end - begin;
  }
}
