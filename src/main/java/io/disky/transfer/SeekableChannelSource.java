package io.disky.transfer;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;

/** The bytes of a channel that has positions. */
public final class SeekableChannelSource implements ByteSource {
  private final SeekableByteChannel channel;
  private final TransferBuffer buffer = new TransferBuffer();

  /** Reads the complete {@code channel}. */
  public SeekableChannelSource(SeekableByteChannel channel) {
    this.channel = channel;
  }

  @Override
  public long size() throws IOException {
    long size = channel.size();
    if (size < 0) {
      throw new IOException("the channel states that it has " + size + " bytes");
    }
    return size;
  }

  @Override
  public MemorySegment read(long position, long most) throws IOException {
    ByteBuffer space = buffer.toFill(most);
    channel.position(position);
    return buffer.first(Math.max(0, Transfers.read(channel, space)));
  }

  @Override
  public void close() throws IOException {
    buffer.free();
    channel.close();
  }
}
