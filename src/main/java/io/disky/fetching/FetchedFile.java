package io.disky.fetching;

import io.disky.transfer.ByteSource;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;

/**
 * An open file that requests read. It ends when it and all its {@linkplain #source() sources} are
 * closed. Thread-safe.
 */
public final class FetchedFile implements AutoCloseable {
  private final RangeSource source;
  private final RangeSource.Range end;

  private FetchedFile(RangeSource source, RangeSource.Range end) {
    this.source = source;
    this.end = end;
  }

  /** Opens a file: reads its end, and so its size and version. */
  public static FetchedFile open(RangeSource source, FetchSettings settings) throws IOException {
    try (Arena arena = Arena.ofShared()) {
      return new FetchedFile(source, source.readEnd(arena.allocate(64 << 10)).get());
    } catch (InterruptedException | ExecutionException e) {
      throw new IOException(e);
    }
  }

  public String name() {
    return source.name();
  }

  /** Size in bytes. */
  public long size() {
    return end.fileSize();
  }

  public String version() {
    return end.version();
  }

  /**
   * A source of all bytes, for a reader. It reads ahead if it is read in order. Closing it lets go
   * of what it has read ahead.
   */
  public ByteSource source() {
    return new Whole();
  }

  /**
   * Announces bytes that will be read soon, in this order by any of the sources. Requests for them
   * begin as the memory allows it; ranges that are close to each other are read by one request.
   *
   * @param ranges ascending, not overlapping
   */
  public void announce(List<ByteRange> ranges) {}

  @Override
  public void close() {}

  private final class Whole implements ByteSource {
    private final Arena arena = Arena.ofShared();

    @Override
    public long size() {
      return end.fileSize();
    }

    @Override
    public MemorySegment read(long position, long most) throws IOException {
      MemorySegment target = arena.allocate(Math.min(most, 8 << 20));
      try {
        long length = source.read(position, target, Optional.of(version())).get().length();
        return target.asSlice(0, length);
      } catch (InterruptedException | ExecutionException e) {
        throw new IOException(e);
      }
    }

    @Override
    public void close() {
      arena.close();
    }
  }
}
