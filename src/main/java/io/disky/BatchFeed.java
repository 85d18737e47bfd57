package io.disky;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Where a {@link RecordCursor} gets batches from. */
interface BatchFeed {
  /**
   * Checks whether batches can be asked for.
   *
   * @throws IllegalStateException if not
   */
  void checkUsable();

  /** The next batch, which is then the cursor's to close; {@code null} at the end. */
  @Nullable RecordBatch next() throws IOException;
}
