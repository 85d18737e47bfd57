package io.disky.transfer;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ReadableByteChannel;

/** The bytes of a channel, read one after the other. */
public final class ChannelSource implements ByteSource {
  private final ReadableByteChannel channel;
  private final TransferBuffer buffer = new TransferBuffer();

  /** Reads {@code channel} from its position on. */
  public ChannelSource(ReadableByteChannel channel) {
    this.channel = channel;
  }

  @Override
  public long size() {
    return UNKNOWN_SIZE;
  }

  @Override
  public MemorySegment read(long position, long most) throws IOException {
    return buffer.first(Math.max(0, Transfers.read(channel, buffer.toFill(most))));
  }

  @Override
  public void close() throws IOException {
    buffer.free();
    channel.close();
  }
}
