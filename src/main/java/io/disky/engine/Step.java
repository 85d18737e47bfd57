package io.disky.engine;

import io.disky.ffi.disky_batch;
import io.disky.ffi.disky_h;
import io.disky.memory.ChunkPlace;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A step through the file.
 *
 * @param outcome how it ended
 * @param place the place of the chunk; {@code null} unless the outcome is {@link Outcome#CHUNK}
 * @param records number of records of the chunk, or of the chunk that needs more memory
 * @param dataSize size of these records in bytes
 * @param position the position of the reader after the step: an offset in the file in bytes
 * @param skippedRegions how many skipped regions can be {@linkplain
 *     NativeReader#nextSkippedRegion() taken}
 * @param notices how many notices can be {@linkplain NativeReader#nextNotice() taken}
 */
public record Step(
    Outcome outcome,
    @Nullable ChunkPlace place,
    long records,
    long dataSize,
    long position,
    long skippedRegions,
    long notices) {
  /** The step of a reader that has not read yet. */
  public static final Step NONE = new Step(Outcome.END, null, 0, 0, 0, 0, 0);

  /** The place of the chunk; the outcome must be {@link Outcome#CHUNK}. */
  public ChunkPlace chunk() {
    return Objects.requireNonNull(place);
  }

  /** Whether the user must be informed of skipped regions or notices. */
  public boolean hasNews() {
    return skippedRegions > 0 || notices > 0;
  }

  /** The step that a call with {@code status} and {@code batch} has made. */
  static Step of(int status, MemorySegment batch) {
    Outcome outcome = Outcome.of(status);
    long records = disky_batch.records(batch);
    long dataSize = disky_batch.data_size(batch);
    ChunkPlace place =
        outcome == Outcome.CHUNK
            ? new ChunkPlace(
                disky_batch.chunk_begin(batch),
                disky_batch.chunk_end(batch),
                Math.toIntExact(records),
                disky_batch.data_offset(batch),
                dataSize,
                disky_batch.scanned(batch) != 0)
            : null;
    return new Step(
        outcome,
        place,
        records,
        dataSize,
        disky_batch.chunk_end(batch),
        disky_batch.skipped_regions(batch),
        disky_batch.notices(batch));
  }

  /** How a step through the file ended. */
  public enum Outcome {
    /** The step has found a chunk of records. */
    CHUNK,
    /** The memory is too small for the next chunk, which stays the next one. */
    TOO_SMALL,
    /** The file has no more records. */
    END,
    /** The file has no more records yet, but it may grow. */
    NOT_YET;

    static Outcome of(int status) {
      if (status == disky_h.DISKY_OK()) {
        return CHUNK;
      }
      if (status == disky_h.DISKY_NEED_MEMORY()) {
        return TOO_SMALL;
      }
      return status == disky_h.DISKY_NOT_YET() ? NOT_YET : END;
    }
  }
}
