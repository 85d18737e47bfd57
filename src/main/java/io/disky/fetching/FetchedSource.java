package io.disky.fetching;

import io.disky.transfer.ByteSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A source of all bytes of a {@link FetchedFile}, which can be {@linkplain #share shared}. Closing
 * the first source also closes the file, which ends when the other sources are closed, too. One
 * thread at a time may use it.
 */
public final class FetchedSource implements ByteSource {
  private final FetchedFile file;
  private final ByteSource bytes;
  private final boolean exact;
  private final boolean first;

  // While the file is opened, its first and last bytes are read several times.
  private @Nullable OpeningBytes opening;

  // The range that was announced last. While the file is opened, the announcement also has the
  // earlier ranges, because the engine may come back to them.
  private @Nullable Announcement announcement;
  private long begin;
  private long end;

  private FetchedSource(FetchedFile file, boolean exact, boolean first) {
    this.file = file;
    this.bytes = file.source();
    this.exact = exact;
    this.first = first;
  }

  /** The first source of an open file, which it closes. It reads ahead if it is read in order. */
  public static FetchedSource inOrder(FetchedFile file) {
    return new FetchedSource(file, false, true);
  }

  /**
   * The first source of an open file, which it closes. It requests only the bytes that are read.
   * Until {@link #opened} it keeps bytes for reading them again.
   */
  public static FetchedSource exact(FetchedFile file) {
    FetchedSource source = new FetchedSource(file, true, true);
    source.opening = new OpeningBytes();
    return source;
  }

  private void announce(ByteRange range) {
    begin = range.begin();
    end = range.end();
    Announcement before = announcement;
    if (before != null && opening != null) {
      before.add(List.of(range));
      return;
    }
    // First the new range: bytes of it that were announced before are not requested again.
    announcement = file.announce(List.of(range));
    if (before != null) {
      before.withdraw();
    }
  }

  /** Nobody will read the rest of the range that was announced last. */
  private void withdraw() {
    Announcement last = announcement;
    announcement = null;
    begin = 0;
    end = 0;
    if (last != null) {
      last.withdraw();
    }
  }

  /** The file is open: its first and last bytes are no longer kept. */
  public void opened() {
    opening = null;
  }

  @Override
  public long size() throws IOException {
    return bytes.size();
  }

  @Override
  public MemorySegment read(long position, long most) throws IOException {
    OpeningBytes kept = opening;
    MemorySegment known = kept == null ? null : kept.find(position, most);
    if (known != null) {
      return known;
    }
    if (exact && (position < begin || position >= end)) {
      // Of announced bytes no others are requested, unless others were announced next to them.
      ByteRange range = new ByteRange(position, Math.min(file.size(), position + most));
      announce(kept == null ? range : kept.toRequest(range, file.tailBegin()));
    }
    MemorySegment read;
    boolean complete = false;
    try {
      read = bytes.read(position, most);
      complete = true;
    } finally {
      if (!complete) {
        withdraw();
      }
    }
    if (kept != null) {
      kept.add(position, read);
    }
    return read;
  }

  @Override
  public boolean isExact() {
    return exact;
  }

  @Override
  public ByteSource share() {
    return new FetchedSource(file, exact, false);
  }

  @Override
  public void close() throws IOException {
    try {
      bytes.close();
      withdraw();
    } finally {
      if (first) {
        file.close();
      }
    }
  }
}
