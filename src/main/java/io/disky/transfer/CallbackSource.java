package io.disky.transfer;

import io.disky.threads.Callbacks;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** A source that is the user's code: a stream, a channel or a remote file. */
public final class CallbackSource implements ByteSource {
  private final ByteSource source;
  private final String name;
  private final Callbacks callbacks;
  private volatile boolean closed;

  /**
   * @param name the name in messages
   * @param callbacks the callbacks of the reader that reads {@code source}
   */
  public CallbackSource(ByteSource source, String name, Callbacks callbacks) {
    this.source = source;
    this.name = name;
    this.callbacks = callbacks;
  }

  @Override
  public long size() throws IOException {
    return source.size();
  }

  @Override
  public MemorySegment read(long position, long most) throws IOException {
    String outer = callbacks.begin(name);
    MemorySegment bytes;
    try {
      bytes = source.read(position, most);
    } catch (IllegalStateException e) {
      throw closed ? callbacks.closed() : e;
    } finally {
      callbacks.end(outer);
    }
    if (closed) { // the user's code has closed the reader, and so freed the memory
      throw callbacks.closed();
    }
    return bytes;
  }

  @Override
  public @Nullable ByteSource share() {
    ByteSource shared = source.share();
    return shared == null ? null : new CallbackSource(shared, name, callbacks);
  }

  @Override
  public void close() throws IOException {
    closed = true;
    source.close();
  }
}
