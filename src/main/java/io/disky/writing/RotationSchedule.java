package io.disky.writing;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Decides when a file is full or old enough to be followed by the next one. Getting the size of a
 * file may wait for threads that encode. So {@link #isSizeDue} is true only when the file may have
 * reached the limit, and at most once for each chunk. One thread at a time may use it.
 */
public final class RotationSchedule {
  private final long maxFileSize;
  private final long chunkSize;
  private final @Nullable Duration maxAge;
  private Instant opened = Instant.MAX;
  private long nextLook;

  /**
   * A schedule without a file.
   *
   * @param maxFileSize the size at which a file is full, in bytes
   * @param chunkSize how many bytes of records a chunk has
   * @param maxAge the age at which a file is old; {@code null}: never
   */
  public RotationSchedule(long maxFileSize, long chunkSize, @Nullable Duration maxAge) {
    this.maxFileSize = maxFileSize;
    this.chunkSize = chunkSize;
    this.maxAge = maxAge;
  }

  /** Returns whether the age of a file matters. */
  public boolean hasMaxAge() {
    return maxAge != null;
  }

  /** Records that a file of {@code size} bytes was opened. */
  public void opened(Instant now, long size) {
    opened = now;
    setNextLook(0, size);
  }

  /** Returns whether the file is old. */
  public boolean isOld(Instant now) {
    return maxAge != null && !now.isBefore(opened) && maxAge.compareTo(age(now)) <= 0;
  }

  private Duration age(Instant now) {
    return Duration.between(opened, now);
  }

  /** Returns whether to get the size of the file after {@code written} bytes of records. */
  public boolean isSizeDue(long written) {
    return written >= nextLook;
  }

  /** Makes the size due, because it can be read without waiting now. */
  public void setSizeDue() {
    nextLook = 0;
  }

  /** Returns whether a file of {@code size} bytes, after {@code written} bytes, is full. */
  public boolean isFull(long size, long written) {
    setNextLook(written, size);
    return size >= maxFileSize;
  }

  private void setNextLook(long written, long size) {
    long step = Math.max(maxFileSize - size, chunkSize);
    nextLook = step > Long.MAX_VALUE - written ? Long.MAX_VALUE : written + step;
  }
}
