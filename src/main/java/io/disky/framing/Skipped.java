package io.disky.framing;

/** Takes the bytes that a reader has skipped. */
@FunctionalInterface
public interface Skipped {
  /**
   * Takes the bytes from {@code begin} to {@code end}, which is exclusive.
   *
   * @param reason why they were skipped, without their position
   */
  void take(long begin, long end, String reason);
}
