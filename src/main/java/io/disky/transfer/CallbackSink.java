package io.disky.transfer;

import io.disky.threads.Callbacks;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** A sink that is the user's code: a stream or a channel. */
public final class CallbackSink implements ByteSink {
  private final ByteSink sink;
  private final String name;
  private final Callbacks callbacks;

  /**
   * @param name the name in messages
   * @param callbacks the callbacks of the writer that writes to {@code sink}
   */
  public CallbackSink(ByteSink sink, String name, Callbacks callbacks) {
    this.sink = sink;
    this.name = name;
    this.callbacks = callbacks;
  }

  @Override
  public void write(MemorySegment bytes) throws IOException {
    String outer = callbacks.begin(name);
    try {
      sink.write(bytes);
    } finally {
      callbacks.end(outer);
    }
  }

  @Override
  public void flush(boolean lasting) throws IOException {
    String outer = callbacks.begin(name);
    try {
      sink.flush(lasting);
    } finally {
      callbacks.end(outer);
    }
  }

  @Override
  public void close() throws IOException {
    sink.close();
  }

  @Override
  public void abandon() throws IOException {
    sink.abandon();
  }
}
