package io.disky.transfer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;

/** A memory segment that is filled from its beginning. */
public final class SegmentSink implements ByteSink {
  private final MemorySegment segment;
  private long written;

  /** Writes to {@code segment}; the caller closes its arena. */
  public SegmentSink(MemorySegment segment) {
    this.segment = segment;
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
