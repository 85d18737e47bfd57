package io.disky.transfer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.WritableByteChannel;

/** Reads and writes channels in blocking mode. */
final class Transfers {
  /** The largest number of consecutive calls in which a channel may transfer no bytes. */
  private static final int MOST_IDLE = 1000;

  private Transfers() {}

  /**
   * Reads some bytes to the beginning of {@code space}; -1 at the end.
   *
   * @throws IllegalBlockingModeException if the channel does not wait for bytes
   */
  static int read(ReadableByteChannel channel, ByteBuffer space) throws IOException {
    int limit = space.limit();
    for (int i = 0; i < MOST_IDLE; i++) {
      if (channel.read(space) < 0) {
        return -1;
      }
      checkLimit(space, limit);
      // The position of the buffer is more reliable than the result of the channel.
      if (space.position() > 0) {
        return space.position();
      }
      checkBlocking(channel);
    }
    throw new IOException("the channel returns no bytes, and does not report its end");
  }

  /**
   * Writes all bytes.
   *
   * @throws IllegalBlockingModeException if the channel does not wait until it can write
   */
  static void write(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
    int idle = 0;
    int limit = bytes.limit();
    while (bytes.hasRemaining()) {
      int before = bytes.remaining();
      channel.write(bytes);
      checkLimit(bytes, limit);
      if (bytes.remaining() < before) {
        idle = 0;
        continue;
      }
      checkBlocking(channel);
      if (++idle == MOST_IDLE) {
        throw new IOException("the channel takes no bytes");
      }
    }
  }

  /**
   * The user's channel must not change the limit: otherwise more bytes could be read than fit, or
   * fewer written than the buffer contains.
   */
  private static void checkLimit(ByteBuffer buffer, int limit) throws IOException {
    if (buffer.limit() != limit) {
      throw new IOException(
          "the channel changed the limit of its buffer from " + limit + " to " + buffer.limit());
    }
  }

  private static void checkBlocking(Object channel) {
    if (channel instanceof SelectableChannel selectable && !selectable.isBlocking()) {
      throw new IllegalBlockingModeException();
    }
  }
}
