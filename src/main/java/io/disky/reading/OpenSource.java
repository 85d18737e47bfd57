package io.disky.reading;

import io.disky.engine.EngineException;
import io.disky.engine.FailureTranslation;
import io.disky.engine.NativeReader;
import io.disky.engine.ReaderSettings;
import io.disky.fetching.FetchedFile;
import io.disky.fetching.FetchedOpening;
import io.disky.fetching.FetchedSource;
import io.disky.files.FileFailures;
import io.disky.files.Origin;
import io.disky.threads.Callbacks;
import io.disky.transfer.ByteSource;
import io.disky.transfer.CallbackSource;
import io.disky.transfer.ChannelSource;
import io.disky.transfer.SeekableChannelSource;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file, memory, channel or stream that is open for reading.
 *
 * @param origin its name and path
 * @param callbacks the user's code that its reader is calling
 * @param engine the native reader
 * @param fileSize size in bytes when it was opened; -1 for a stream, which does not state its size
 * @param remote the file if requests read it; else {@code null}
 */
public record OpenSource(
    Origin origin,
    Callbacks callbacks,
    NativeReader engine,
    long fileSize,
    @Nullable FetchedFile remote) {
  /** Opens the file at {@code path}, through a channel if it is not in the default file system. */
  public static OpenSource open(Path path, ReaderSettings settings, FailureTranslation failures)
      throws IOException {
    Origin origin = Origin.of(path);
    if (origin.isFile()) {
      try {
        return of(origin, callbacks(origin), NativeReader.open(path, settings));
      } catch (EngineException e) {
        throw failures.exception(e, 0, true);
      }
    }
    SeekableByteChannel channel = FileFailures.quoting(() -> Files.newByteChannel(path));
    try {
      return open(origin, source(channel), settings, failures);
    } catch (Throwable e) {
      close(channel, e);
      throw e;
    }
  }

  /** Channels of some file systems, for example that of the JDK's modules, have no positions. */
  private static ByteSource source(SeekableByteChannel channel) throws IOException {
    try {
      channel.position(0);
    } catch (UnsupportedOperationException e) {
      return new ChannelSource(channel);
    }
    return new SeekableChannelSource(channel);
  }

  private static void close(Closeable opened, Throwable failure) {
    try {
      opened.close();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  /** Opens {@code source}, which stays open if this throws. */
  public static OpenSource open(
      Origin origin, ByteSource source, ReaderSettings settings, FailureTranslation failures)
      throws IOException {
    boolean hasRange = settings.rangeBegin() > 0 || settings.rangeEnd() < Long.MAX_VALUE;
    if (source.size() == ByteSource.UNKNOWN_SIZE && hasRange) {
      throw new IllegalArgumentException(
          origin + ": a range is read of a file, a seekable channel or memory, not of a stream");
    }
    Callbacks callbacks = callbacks(origin);
    ByteSource guarded =
        origin.isMemory()
            ? source
            : new CallbackSource(source, origin.kind().toString(), callbacks);
    try {
      return of(origin, callbacks, NativeReader.open(origin.toString(), guarded, settings));
    } catch (EngineException e) {
      throw failures.exception(e, 0, true);
    }
  }

  /** Opens a file that requests read. */
  public static OpenSource open(
      FetchedOpening opening, ReaderSettings settings, FailureTranslation failures)
      throws IOException {
    Origin origin = Origin.remote(opening.name());
    Callbacks callbacks = callbacks(origin);
    String kind = origin.kind().toString();
    FetchedFile file = opening.open(callbacks);
    ByteSource bytes = new CallbackSource(FetchedSource.inOrder(file), kind, callbacks);
    try {
      NativeReader engine = NativeReader.open(origin.toString(), bytes, settings);
      return new OpenSource(origin, callbacks, engine, engine.fileSize(), file);
    } catch (EngineException e) {
      IOException failure = failures.exception(e, 0, true);
      close(bytes::close, failure);
      throw failure;
    } catch (Throwable e) {
      close(bytes::close, e);
      throw e;
    }
  }

  private static Callbacks callbacks(Origin origin) {
    return new Callbacks("the reader of " + origin);
  }

  private static OpenSource of(Origin origin, Callbacks callbacks, NativeReader engine) {
    return new OpenSource(origin, callbacks, engine, engine.fileSize(), null);
  }

  /** Returns whether several threads can read it at the same time, each at its own position. */
  boolean canBeShared() {
    return origin.isFile() || remote != null;
  }

  /** Returns whether reading calls code of the user. */
  boolean callsTheUser() {
    return !origin.isFile();
  }
}
