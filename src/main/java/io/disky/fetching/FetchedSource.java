package io.disky.fetching;

import io.disky.transfer.ByteSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A source of all bytes of a {@link FetchedFile}, which can be {@linkplain #share shared}. Closing
 * the first source also closes the file, which ends when the other sources are closed, too.
 */
public final class FetchedSource implements ByteSource {
  private final FetchedFile file;
  private final ByteSource bytes;
  private final boolean first;

  private FetchedSource(FetchedFile file, boolean first) {
    this.file = file;
    this.bytes = file.source();
    this.first = first;
  }

  /** The first source of an open file, which it closes. */
  public static FetchedSource of(FetchedFile file) {
    return new FetchedSource(file, true);
  }

  /** The file. */
  public FetchedFile file() {
    return file;
  }

  /** Announces bytes that this source, or one that shares its file, will read soon. */
  public void announce(List<ByteRange> ranges) {
    file.announce(ranges);
  }

  @Override
  public long size() throws IOException {
    return bytes.size();
  }

  @Override
  public MemorySegment read(long position, long most) throws IOException {
    return bytes.read(position, most);
  }

  @Override
  public ByteSource share() {
    return new FetchedSource(file, false);
  }

  @Override
  public void close() throws IOException {
    try {
      bytes.close();
    } finally {
      if (first) {
        file.close();
      }
    }
  }
}
