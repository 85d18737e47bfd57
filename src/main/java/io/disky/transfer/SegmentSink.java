package io.disky.transfer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;

/** A memory segment that is filled from its beginning. */
public final class SegmentSink implements ByteSink {
  // This thread is never started: it represents the other threads of a writer.
  private static final Thread OTHER_THREAD = Thread.ofPlatform().unstarted(() -> {});

  private final MemorySegment segment;
  private long written;

  private SegmentSink(MemorySegment segment) {
    this.segment = segment;
  }

  /**
   * Writes to {@code segment}; the caller closes its arena.
   *
   * @param otherThreads whether other threads than the current one will write to it
   * @throws IllegalArgumentException if the segment is read-only, or other threads must not use it
   */
  public static SegmentSink of(MemorySegment segment, boolean otherThreads) {
    if (segment.isReadOnly()) {
      throw new IllegalArgumentException("the memory segment for the file is read-only");
    }
    if (otherThreads && !segment.isAccessibleBy(OTHER_THREAD)) {
      throw new IllegalArgumentException(
          "the memory segment for the file belongs to one thread, so the writer cannot have other"
              + " threads: choose parallelism 0, or a segment of a shared or automatic arena");
    }
    return new SegmentSink(segment);
  }

  @Override
  public void write(MemorySegment bytes) throws IOException {
    if (bytes.byteSize() > segment.byteSize() - written) {
      throw new IOException(
          "the memory segment of "
              + segment.byteSize()
              + " bytes is full: "
              + (written + bytes.byteSize())
              + " are needed so far");
    }
    MemorySegment.copy(bytes, 0, segment, written, bytes.byteSize());
    written += bytes.byteSize();
  }

  @Override
  public void flush(boolean lasting) throws IOException {
    if (lasting && segment.isMapped()) {
      try {
        segment.force();
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
    }
  }

  @Override
  public void close() {}
}
