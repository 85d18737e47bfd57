package io.disky.framing;

import io.disky.memory.MemoryFault;
import io.disky.memory.PendingFault;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** Writes records with their lengths to a stream. For one thread. */
public final class FramedOutput implements AutoCloseable {
  private static final int BUFFER_SIZE = 1 << 16;

  private final OutputStream out;
  private final FrameEncoder encoder;
  private byte[] staged = new byte[BUFFER_SIZE];
  private final byte[] buffer = new byte[BUFFER_SIZE];
  private int size;
  private long recordCount;
  private @Nullable IOException failure;
  private boolean closed;

  public FramedOutput(OutputStream out, FrameEncoder encoder) {
    this.out = out;
    this.encoder = encoder;
  }

  /** Compresses what is written to {@code out}. */
  public static OutputStream gzip(OutputStream out) throws IOException {
    return new GZIPOutputStream(out, BUFFER_SIZE);
  }

  /** Compresses what is written to {@code out}. */
  public static OutputStream zlib(OutputStream out) {
    return new DeflaterOutputStream(out);
  }

  /** Writes a record: all bytes of {@code record}. */
  public void write(MemorySegment record) throws IOException {
    if (closed) {
      throw new IllegalStateException("the writer is closed");
    }
    if (failure != null) {
      throw new IOException(failure.getMessage(), failure);
    }
    int length = (int) record.byteSize();
    // Another thread may change the memory of the user, or truncate a mapped file. So the checksum
    // and the stream get the same copy.
    byte[] copy = room(length);
    copy(record, copy, length);
    try {
      ByteBuffer bytes = ByteBuffer.wrap(copy, 0, length);
      put(encoder.before(bytes));
      put(copy, length);
      put(encoder.after(bytes));
      recordCount++;
    } catch (IOException e) {
      failure = e;
      throw e;
    } catch (RuntimeException | Error e) {
      failure = new IOException("an earlier write has failed", e);
      throw e;
    }
  }

  private byte[] room(int length) {
    if (staged.length < length) {
      staged = new byte[length];
    }
    return staged;
  }

  private static void copy(MemorySegment record, byte[] to, int length) throws MemoryFault {
    try {
      MemorySegment.copy(record, 0, MemorySegment.ofArray(to), 0, length);
      PendingFault.raise();
    } catch (InternalError e) {
      throw MemoryFault.of("memory of a record", e);
    }
  }

  private void put(byte[] bytes, int length) throws IOException {
    if (length > buffer.length - size) {
      flush();
    }
    if (length > buffer.length) {
      out.write(bytes, 0, length);
    } else {
      System.arraycopy(bytes, 0, buffer, size, length);
      size += length;
    }
  }

  /** Adds the bytes before or after a record. */
  private void put(ByteBuffer frame) throws IOException {
    int length = frame.remaining();
    if (length > buffer.length - size) {
      flush();
    }
    frame.get(buffer, size, length);
    size += length;
  }

  private void flush() throws IOException {
    int all = size;
    size = 0; // after a failure these bytes are not written again
    out.write(buffer, 0, all);
  }

  public long recordCount() {
    return recordCount;
  }

  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    try (out) {
      if (failure == null) {
        flush();
      }
    }
  }
}
