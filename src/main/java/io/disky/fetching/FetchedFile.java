package io.disky.fetching;

import io.disky.fetching.RangeSource.Range;
import io.disky.memory.NativeMemory;
import io.disky.transfer.ByteSource;
import io.disky.transfer.TransferBuffer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;

/**
 * An open file that requests read. It ends when it and all its {@linkplain #source() sources} are
 * closed. Thread-safe.
 */
public final class FetchedFile implements AutoCloseable {
  private final FileVersion file;
  private final FetchSettings settings;
  private final Requests requests;
  private final AnnouncedBlocks announced = new AnnouncedBlocks();

  /** The last bytes of the file, which the first request has read. */
  private final NativeMemory tail;

  private final long tailBegin;

  /** The number of sources that have read. The lock of the requests guards the counts. */
  private int readers;

  /** The number of open objects: the sources, and this one. */
  private int open = 1;

  private boolean closed;

  private FetchedFile(RangeSource source, String name, FileEnd end, FetchSettings settings) {
    Range range = end.range();
    this.file = new FileVersion(name, range.fileSize(), range.version(), range.weak());
    // A cache would keep the bytes of several versions as those of one.
    this.settings = file.weak() ? settings.withoutCache() : settings;
    this.tail = end.bytes();
    this.tailBegin = range.position();
    BlockCache cache = this.settings.cache();
    FileBlocks cached =
        cache == null
            ? null
            : new FileBlocks(cache, source.cacheKey(), file, tailBegin, settings.counters());
    this.requests = new Requests(source, file, this.settings, tail.size(), cached);
  }

  /**
   * Opens a file: reads its end, and so its size and version.
   *
   * @throws IOException if the end cannot be read; an {@link java.io.InterruptedIOException} if the
   *     thread is interrupted
   */
  public static FetchedFile open(RangeSource source, FetchSettings settings) throws IOException {
    String name = Objects.requireNonNull(source.name(), "the name of the remote file");
    FetchedFile opened =
        new FetchedFile(source, name, FileEnd.read(source, name, settings), settings);
    boolean reported = false;
    try {
      opened.file.reportIfWeak(settings.counters()); // handlers of logs are the user's code
      reported = true;
      return opened;
    } finally {
      if (!reported) {
        opened.close();
      }
    }
  }

  public String name() {
    return file.name();
  }

  /** Size in bytes. */
  public long size() {
    return file.size();
  }

  public String version() {
    return file.version();
  }

  /** Whether the contents may differ although the version is the same. */
  public boolean isWeak() {
    return file.weak();
  }

  /**
   * A source of all bytes, for a reader. It reads ahead if it is read in order. Closing it drops
   * the bytes that it has read ahead; any thread may do that, also during a call, which then throws
   * an {@link IllegalStateException}.
   */
  public ByteSource source() {
    requests.lock.lock();
    try {
      checkOpen();
      open++;
      return new FileReading(this);
    } finally {
      requests.lock.unlock();
    }
  }

  /** The caller has the lock. */
  void checkOpen() {
    if (closed) {
      throw new IllegalStateException("closed");
    }
  }

  /**
   * Announces bytes that will be read soon, in this order by any of the sources.
   *
   * @param ranges as those of {@link Announcement#add}
   */
  public Announcement announce(List<ByteRange> ranges) {
    Announcement announcement = new Announcement(this);
    announcement.add(ranges);
    return announcement;
  }

  /** The largest number of requests at a time. */
  public int maxRequests() {
    return settings.maxRequests();
  }

  /** The largest memory for requests and bytes that were not used yet, in bytes. */
  public long maxMemory() {
    return settings.maxMemory();
  }

  /**
   * What it costs to read ranges that are announced together.
   *
   * @param requests number of requests
   * @param bytes number of bytes that these request
   */
  public record Cost(long requests, long bytes) {}

  /**
   * The cost of ranges if they are announced together. Nothing is requested.
   *
   * @param ranges as those of {@link #announce}
   * @param more whether other announced bytes keep the other requests busy
   */
  public Cost cost(List<ByteRange> ranges, boolean more) {
    int busy = more ? settings.maxRequests() - 1 : 0;
    List<Block> blocks =
        new AnnouncedBlocks().add(ranges, tailBegin, busy, settings, new Announcement(this));
    return new Cost(blocks.size(), blocks.stream().mapToLong(block -> block.length).sum());
  }

  /** The largest memory that was in use at any time, in bytes. */
  public long largestMemory() {
    requests.lock.lock();
    try {
      return requests.largestMemory();
    } finally {
      requests.lock.unlock();
    }
  }

  Requests requests() {
    return requests;
  }

  FetchSettings settings() {
    return settings;
  }

  AnnouncedBlocks announced() {
    return announced;
  }

  long tailBegin() {
    return tailBegin;
  }

  /** Bytes of the end of the file. */
  MemorySegment tail(long position, long most) {
    return tail.segment().asSlice(position - tailBegin, Math.min(most, file.size() - position));
  }

  int bufferSize() {
    return (int) Math.min(TransferBuffer.SIZE, settings.maxMemory() / 32);
  }

  /** A source reads for the first time. The caller has the lock. */
  void begun() {
    readers++;
  }

  /** A source that has read ends. The caller has the lock. */
  void ended() {
    readers--;
  }

  /** The memory that each source may use, in bytes of blocks. The caller has the lock. */
  long share() {
    long all = settings.maxMemory() / 8 * 7 - tail.size();
    if (!announced.isEmpty()) {
      all = Math.min(all, settings.maxMemory() / Requests.RESERVED_SHARE);
    }
    // Blocks count an eighth more than their size.
    return Math.max(all, 0) / Math.max(readers, 1) / 9 * 8;
  }

  /** The number of bytes that each source may read ahead. The caller has the lock. */
  long readAhead() {
    return Math.min(share(), settings.maxReadAhead());
  }

  /** This object or a source is closed. */
  void release() {
    boolean last;
    requests.lock.lock();
    try {
      last = --open == 0;
    } finally {
      requests.lock.unlock();
    }
    if (last) {
      requests.close();
      requests.free(tail.size());
      tail.free();
    }
  }

  /**
   * Ends all reading: cancels all requests. Calls of sources that wait for bytes, and later calls
   * for bytes that are not in memory, throw an {@link IllegalStateException}. Does not wait. So the
   * threads that read end soon, also if the store does not answer. The sources and this object must
   * be closed all the same.
   */
  public void stop() {
    requests.close();
  }

  @Override
  public void close() {
    requests.lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
    } finally {
      requests.lock.unlock();
    }
    release();
  }
}
