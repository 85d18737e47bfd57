package io.disky.framing;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Reads the records of a stream, one after the other. For one thread. */
public final class FramedStream implements AutoCloseable {
  private final InputStream in;
  private final ByteWindow window;
  private final FrameParser parser;
  private final int maxLength;
  private final @Nullable Skipped skipped;
  private int current; // size of the current record with its frame
  private boolean damageReported;

  /**
   * Reads from {@code in} on.
   *
   * @param maxLength the largest length of a record in bytes
   * @param skipped gets the bytes that are skipped; null to stop at the first damage
   */
  public FramedStream(
      InputStream in, FrameParser parser, int maxLength, @Nullable Skipped skipped) {
    this.in = in;
    this.window = new ByteWindow(in);
    this.parser = parser;
    this.maxLength = maxLength;
    this.skipped = skipped;
  }

  /**
   * Moves to the next record.
   *
   * @return false if there is none
   * @throws FrameDamage if the stream is damaged and the reader does not skip damage
   * @throws FrameTooLarge if the next record is too large
   */
  public boolean next() throws IOException {
    window.consume(current);
    current = 0;
    while (true) {
      try {
        if (!parser.parse(window, maxLength)) {
          return atEnd();
        }
        current = parser.size();
        return true;
      } catch (FrameDamage e) {
        skip(e);
      }
    }
  }

  /** Reports damage of the compressed data after the last record. */
  private boolean atEnd() throws FrameDamage {
    CompressionDamage damage = window.damage();
    if (damage != null && !damageReported) {
      if (skipped == null) {
        throw new FrameDamage(window.position(), 0, damage.reason());
      }
      damageReported = true;
      skipped.take(window.position(), window.position(), damage.reason());
    }
    return false;
  }

  private void skip(FrameDamage damage) throws IOException {
    CompressionDamage compression = window.damage();
    String reason = damage.reason() + (compression == null ? "" : "; " + compression.reason());
    if (skipped == null) {
      throw compression == null ? damage : new FrameDamage(damage.position(), 0, reason);
    }
    long begin = window.position();
    if (damage.size() > 0) {
      window.consume(damage.size());
    } else {
      parser.search(window, maxLength);
    }
    if (window.damage() != null && window.size() == 0 && !damageReported) {
      damageReported = true;
      reason = compression == null ? reason + "; " + window.damage().reason() : reason;
    }
    skipped.take(begin, window.position(), reason);
  }

  /** The array that contains the current record. The next call of {@link #next} may change it. */
  public byte[] bytes() {
    return window.bytes();
  }

  /** Index in the array at which the current record begins. */
  public int offset() {
    return window.begin() + parser.headerSize();
  }

  /** Length of the current record in bytes. */
  public int length() {
    return parser.length();
  }

  /** A view of the current record, which {@link #next} makes invalid. */
  public MemorySegment record() {
    return MemorySegment.ofArray(bytes()).asSlice(offset(), length()).asReadOnly();
  }

  /** Offset in the decompressed stream of the current record, with its length. */
  public long position() {
    return window.position();
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
