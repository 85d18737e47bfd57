package io.disky;

import java.util.Objects;

/**
 * The torn tail of a file, which a repair has cut off or would cut off.
 *
 * @param sizeBefore size of the file before the cut, in bytes
 * @param sizeAfter size of the file after the cut, in bytes: where its last intact chunk ends, or 0
 *     if the file signature is not complete. Less than {@code sizeBefore}
 * @param reason why the tail is not intact, in English
 */
public record Repair(long sizeBefore, long sizeAfter, String reason) {
  /** Checks that there is a reason. */
  public Repair {
    Objects.requireNonNull(reason, "reason");
  }
}
