package io.disky.transfer;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** An output stream. */
public final class OutputStreamSink implements ByteSink {
  private final OutputStream stream;
  private final byte[] bytes = new byte[TransferBuffer.SIZE];

  /** To {@code stream}. */
  public OutputStreamSink(OutputStream stream) {
    this.stream = stream;
  }

  @Override
  public void write(MemorySegment source) throws IOException {
    for (long from = 0; from < source.byteSize(); from += bytes.length) {
      int size = (int) Math.min(bytes.length, source.byteSize() - from);
      MemorySegment.copy(source, ValueLayout.JAVA_BYTE, from, bytes, 0, size);
      stream.write(bytes, 0, size);
    }
  }

  @Override
  public void flush(boolean lasting) throws IOException {
    stream.flush();
  }

  @Override
  public void close() throws IOException {
    stream.close();
  }
}
