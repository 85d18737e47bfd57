package io.disky.misuse;

import io.disky.misuse.Mischief.Kind;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;

/** An input of a reader that is user code and misbehaves. */
final class HostileSource {
  private final Round round;
  private final byte[] bytes;
  private int at;
  private volatile boolean lied;
  private volatile boolean closed;

  HostileSource(Round round, byte[] bytes) {
    this.round = round;
    this.bytes = bytes;
  }

  /** Returns whether it delivered wrong bytes, or stated a wrong number of bytes. */
  boolean hasLied() {
    return lied;
  }

  boolean isClosed() {
    return closed;
  }

  InputStream stream() {
    return new Stream();
  }

  ReadableByteChannel channel() {
    return new Channel();
  }

  SeekableByteChannel seekable() {
    return new Seekable();
  }

  private boolean lies() {
    boolean now = round.mischief().does(Kind.LIE) && round.dice().oneIn(4);
    lied |= now;
    return now;
  }

  /** How many of at most {@code most} bytes one call delivers; -1 at the end, as for streams. */
  private int amount(int most) {
    int rest = bytes.length - at;
    if (rest <= 0 || most == 0) {
      return rest <= 0 ? -1 : 0;
    }
    int size = Math.min(rest, most);
    return round.dice().oneIn(4) ? 1 + round.dice().below(size) : size;
  }

  private void close() {
    closed = true;
    round.mischief().here("close of a source");
  }

  private final class Stream extends InputStream {
    @Override
    public int read() {
      return at < bytes.length ? bytes[at++] & 0xff : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
      round.mischief().here("read of a stream");
      if (lies()) {
        return (int) round.dice().near((long) length);
      }
      int size = amount(length);
      if (size > 0) {
        System.arraycopy(bytes, at, target, offset, size);
        at += size;
      }
      return size;
    }

    @Override
    public void close() {
      HostileSource.this.close();
    }
  }

  private class Channel implements ReadableByteChannel {
    @Override
    public int read(ByteBuffer target) {
      round.mischief().here("read of a channel");
      if (lies()) {
        return lie(target);
      }
      int size = amount(target.remaining());
      if (size > 0) {
        target.put(bytes, at, size);
        at += size;
      }
      return size;
    }

    private int lie(ByteBuffer target) {
      Dice dice = round.dice();
      switch (dice.below(4)) {
        case 0 -> target.position(dice.below(target.limit() + 1));
        case 1 -> target.limit(target.position() + dice.below(target.remaining() + 1));
        case 2 -> target.clear();
        default -> {
          // Only states a wrong number.
        }
      }
      return (int) dice.near((long) target.remaining());
    }

    @Override
    public boolean isOpen() {
      return !closed;
    }

    @Override
    public void close() {
      HostileSource.this.close();
    }
  }

  private final class Seekable extends Channel implements SeekableByteChannel {
    @Override
    public int write(ByteBuffer source) {
      throw new AssertionError("a reader writes");
    }

    @Override
    public long position() {
      round.mischief().here("position of a channel");
      return at;
    }

    @Override
    public SeekableByteChannel position(long position) {
      round.mischief().here("position of a channel");
      if (!lies()) {
        at = (int) Math.min(position, bytes.length);
      }
      return this;
    }

    @Override
    public long size() {
      round.mischief().here("size of a channel");
      return lies() ? round.dice().near((long) bytes.length) : bytes.length;
    }

    @Override
    public SeekableByteChannel truncate(long size) {
      throw new AssertionError("a reader truncates");
    }
  }
}
