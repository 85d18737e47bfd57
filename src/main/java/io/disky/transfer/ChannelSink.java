package io.disky.transfer;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;

/** A channel that takes bytes. */
public final class ChannelSink implements ByteSink {
  private final WritableByteChannel channel;

  /** Writes to {@code channel} from its position on. */
  public ChannelSink(WritableByteChannel channel) {
    this.channel = channel;
  }

  @Override
  public void write(MemorySegment bytes) throws IOException {
    Transfers.write(channel, bytes.asByteBuffer());
  }

  @Override
  public void flush(boolean lasting) throws IOException {
    if (lasting && channel instanceof FileChannel file) {
      file.force(true);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
