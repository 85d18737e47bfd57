package io.disky.reading;

import io.disky.memory.DecodedChunk;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Supplies a {@link RecordCursor} with chunks. */
public interface ChunkSupply {
  /**
   * Checks whether chunks can be requested now.
   *
   * @throws IllegalStateException if no chunk can be requested now
   */
  void checkUsable();

  /**
   * Returns the next chunk, which the cursor then closes.
   *
   * @return {@code null} at the end
   */
  @Nullable DecodedChunk next() throws IOException;
}
