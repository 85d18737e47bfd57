package io.disky;

import io.disky.engine.NativeWriter;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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

  /** Converts a repair by the engine; empty if the engine has cut nothing. */
  static Optional<Repair> of(NativeWriter.@Nullable Repair repair) {
    return repair == null
        ? Optional.empty()
        : Optional.of(new Repair(repair.sizeBefore(), repair.sizeAfter(), repair.reason()));
  }
}
