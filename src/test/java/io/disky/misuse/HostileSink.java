package io.disky.misuse;

import io.disky.misuse.Mischief.Kind;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.atomic.AtomicLong;

/** An output of a writer that is user code and misbehaves. */
final class HostileSink {
  private final Round round;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private volatile boolean lied;
  private volatile boolean closed;
  private final AtomicLong interruptions = new AtomicLong();

  HostileSink(Round round) {
    this.round = round;
  }

  /** The bytes that were written. */
  byte[] bytes() {
    return bytes.toByteArray();
  }

  /** Returns whether it accepted other bytes than it reported. */
  boolean hasLied() {
    return lied;
  }

  boolean isClosed() {
    return closed;
  }

  /** How often it threw, or may have thrown, an exception. */
  long interruptions() {
    return interruptions.get();
  }

  OutputStream stream() {
    return new Stream();
  }

  WritableByteChannel channel() {
    return new Channel();
  }

  private void misbehave(String where) {
    round.mischief().here(where, interruptions);
  }

  private void close() {
    closed = true;
    misbehave("close of a sink");
  }

  private final class Stream extends OutputStream {
    @Override
    public void write(int value) {
      bytes.write(value);
    }

    @Override
    public void write(byte[] source, int offset, int length) {
      misbehave("write of a stream");
      bytes.write(source, offset, length);
      if (round.mischief().does(Kind.LIE)) {
        source[offset] ^= 1; // changes the array, because no contract says who owns it
      }
    }

    @Override
    public void flush() {
      misbehave("flush of a stream");
    }

    @Override
    public void close() {
      HostileSink.this.close();
    }
  }

  private final class Channel implements WritableByteChannel {
    @Override
    public int write(ByteBuffer source) {
      misbehave("write of a channel");
      Dice dice = round.dice();
      if (round.mischief().does(Kind.LIE) && dice.oneIn(4)) {
        lied = true;
        source.position(dice.below(source.limit() + 1));
        return (int) dice.near((long) source.remaining());
      }
      int size = dice.oneIn(4) ? dice.below(source.remaining() + 1) : source.remaining();
      byte[] taken = new byte[size];
      source.get(taken);
      bytes.write(taken, 0, size);
      return size;
    }

    @Override
    public boolean isOpen() {
      return !closed;
    }

    @Override
    public void close() {
      HostileSink.this.close();
    }
  }
}
