package io.disky.transfer;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ReadableByteChannel;

/** The bytes that a channel gives, one after the other. */
public final class ChannelSource implements ByteSource {
  private final ReadableByteChannel channel;
  private final TransferBuffer buffer = new TransferBuffer();

  /** Of {@code channel} from where it is. */
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
