package io.disky;

import java.util.Objects;

/**
 * What was cut off the torn tail of a file, or would be.
 *
 * @param sizeBefore size of the file before, in bytes
 * @param sizeAfter size of the file after, in bytes: where its last whole chunk ends, or 0 if not
 *     even the file signature was whole. Less than {@code sizeBefore}
 * @param reason what was wrong with what followed, in English
 */
public record Repair(long sizeBefore, long sizeAfter, String reason) {
  /** Checks nothing but that there is a reason. */
  public Repair {
    Objects.requireNonNull(reason, "reason");
  }
}
