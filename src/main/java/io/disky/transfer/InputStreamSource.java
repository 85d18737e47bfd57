package io.disky.transfer;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The bytes of an input stream. */
public final class InputStreamSource implements ByteSource {
  private final InputStream stream;
  private final TransferBuffer buffer = new TransferBuffer();
  private final byte[] bytes = new byte[TransferBuffer.SIZE];

  /** Reads {@code stream} from its position on. */
  public InputStreamSource(InputStream stream) {
    this.stream = stream;
  }

  @Override
  public long size() {
    return UNKNOWN_SIZE;
  }

  @Override
  public MemorySegment read(long position, long most) throws IOException {
    int room = (int) Math.min(most, bytes.length);
    int size = stream.read(bytes, 0, room);
    if (size == 0) {
      throw new IOException("the stream returns no bytes, and does not report its end");
    }
    if (size > room) {
      throw new IOException(
          "the stream states that it returned " + size + " bytes; only " + room + " fit");
    }
    MemorySegment copy = buffer.first(Math.max(0, size));
    MemorySegment.copy(bytes, 0, copy, ValueLayout.JAVA_BYTE, 0, (int) copy.byteSize());
    return copy;
  }

  @Override
  public void close() throws IOException {
    buffer.free();
    stream.close();
  }
}
