package io.disky.loading;

import io.disky.fetching.FetchedFile;
import io.disky.files.ArrayRecordName;
import io.disky.order.ChunkLayout;
import io.disky.random.GatheredRecords;
import io.disky.random.HeldChunk;
import io.disky.random.HeldChunks;
import io.disky.random.IndexSource;
import io.disky.random.IndexedFile;
import io.disky.random.IndexedFiles;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Record files as one sequence. If the cache of the files has room for all chunks, decoded chunks
 * stay in it; otherwise the cache is not used. Objects are used again, so that reading does not
 * allocate memory on the Java heap after some batches.
 */
public final class FileSource implements LoadedSource {
  private static final ChunkHold IN_CACHE = new InCache();

  /** The most memory of records that is kept between calls, in bytes. */
  private static final long MOST_UNUSED_BYTES = 64 << 20;

  private final String name;
  private final IndexedFiles files;
  private final Runnable close;
  private final HeldChunks held;
  private final Layout layout;

  // This object's monitor guards these fields.
  private final ArrayDeque<Read> unusedReads = new ArrayDeque<>();
  private long unusedBytes;
  private final ArrayDeque<Hold> unusedHolds = new ArrayDeque<>();
  private boolean closed;

  /**
   * @param name the name of the source in messages
   * @param files the files
   * @param close closes the files
   */
  public FileSource(String name, IndexedFiles files, Runnable close) {
    this.name = name;
    this.files = files;
    this.close = close;
    this.held = new HeldChunks(files);
    this.layout = new Layout(files);
  }

  @Override
  public String name() {
    return name;
  }

  /**
   * For each file the last element of its path or name, the size of the file in bytes and the
   * number of its records. {@link SourceIdentity} has the format.
   */
  @Override
  public byte[] identity() {
    SourceIdentity identity = new SourceIdentity(SourceIdentity.FILES);
    for (IndexedFile file : files.files()) {
      identity.addName(file.location().fileName());
      identity.addNumber(file.index().end());
      identity.addNumber(file.index().records());
    }
    return identity.bytes();
  }

  @Override
  public long files() {
    return files.files().size();
  }

  /**
   * An ArrayRecord without its index has the same bytes as any other record file. So this method
   * recognises one only by its name, or if another file of the source is a complete ArrayRecord.
   */
  @Override
  public List<String> incompleteFiles() {
    boolean others =
        files.files().stream().anyMatch(file -> file.indexSource() == IndexSource.FOOTER);
    return files.files().stream()
        .filter(IndexedFile::lacksFooter)
        .map(file -> file.location().fileName())
        .filter(name -> others || ArrayRecordName.matches(name))
        .toList();
  }

  @Override
  public ChunkLayout layout() {
    return layout;
  }

  private record Layout(IndexedFiles files) implements ChunkLayout {
    @Override
    public long records() {
      return files.count();
    }

    @Override
    public long chunks() {
      return files.chunks();
    }

    @Override
    public long firstRecord(long chunk) {
      return files.firstRecord(chunk);
    }

    @Override
    public long chunkOf(long record) {
      return files.chunkOf(record);
    }

    @Override
    public long bytes(long chunk) {
      return files.likelyDecodedSize(chunk);
    }
  }

  @Override
  public long meanRecordSize() {
    // A decoded chunk has 8 bytes for each record in addition to the bytes of the records.
    return Math.max(1, files.decodedSize() / Math.max(1, files.count()) - Long.BYTES);
  }

  @Override
  public long cacheSize() {
    return files.fitIntoCache() ? files.decodedSize() : 0;
  }

  @Override
  public ChunkHold hold(long chunk) throws IOException {
    Objects.checkIndex(chunk, files.chunks());
    if (files.fitIntoCache()) {
      files.decodeToCache(chunk);
      return IN_CACHE;
    }
    HeldChunk decoded = held.hold(chunk);
    boolean complete = false;
    try {
      Hold hold = takeHold();
      hold.chunk = decoded;
      complete = true;
      return hold;
    } finally {
      if (!complete) {
        held.release(decoded);
      }
    }
  }

  private synchronized Hold takeHold() {
    Hold unused = unusedHolds.pollLast();
    return unused == null ? new Hold() : unused;
  }

  private synchronized void giveHold(Hold hold) {
    unusedHolds.addLast(hold);
  }

  /** The chunk is in the cache, which has room for all chunks. */
  private static final class InCache implements ChunkHold {
    @Override
    public long bytes() {
      return 0;
    }

    @Override
    public void close() {}
  }

  private final class Hold implements ChunkHold {
    private @Nullable HeldChunk chunk;

    @Override
    public long bytes() {
      HeldChunk held = chunk;
      return held == null ? 0 : held.bytes();
    }

    @Override
    public void close() {
      HeldChunk unused = chunk;
      chunk = null;
      if (unused != null) {
        held.release(unused);
        giveHold(this);
      }
    }
  }

  @Override
  public RecordsHold read(long[] numbers, int count) throws IOException {
    RecordNumbers.check(numbers, count, files.count());
    Read read = takeRead();
    boolean complete = false;
    try {
      read.records.read(numbers, count);
      read.open = true;
      complete = true;
      return read;
    } finally {
      if (!complete) {
        giveRead(read);
      }
    }
  }

  @Override
  public boolean isRemote() {
    return files.hasRemote();
  }

  @Override
  public Announcer announcer() {
    return new Announcing(files, new GatheredRecords(files, held));
  }

  private record Announcing(IndexedFiles files, GatheredRecords records) implements Announcer {
    @Override
    public void announce(long[] numbers, int count) {
      RecordNumbers.check(numbers, count, files.count());
      records.announce(numbers, count);
    }

    @Override
    public void withdraw() {
      records.withdraw();
    }
  }

  @Override
  public void checkNotCalling() {
    files.checkNotCalling();
  }

  @Override
  public void stop() {
    files.stop();
  }

  @Override
  public RemoteCost cost(long[] numbers, int count, Set<Long> known, boolean more) {
    FetchedFile.Cost cost = files.costOf(numbers, count, known, more);
    return new RemoteCost(cost.requests(), cost.bytes(), 0);
  }

  private synchronized Read takeRead() {
    Read unused = unusedReads.pollLast();
    if (unused == null) {
      return new Read(new GatheredRecords(files, held));
    }
    unusedBytes -= unused.records.spareBytes();
    return unused;
  }

  private synchronized void giveRead(Read read) {
    long spare = read.records.spareBytes();
    if (closed || spare > MOST_UNUSED_BYTES - unusedBytes) {
      read.records.close();
      spare = 0;
    }
    if (!closed) {
      unusedReads.addLast(read);
      unusedBytes += spare;
    }
  }

  private final class Read implements RecordsHold {
    private final GatheredRecords records;
    private boolean open;

    Read(GatheredRecords records) {
      this.records = records;
    }

    @Override
    public MemorySegment part(int index) {
      return records.part(index);
    }

    @Override
    public long offset(int index) {
      return records.place(index);
    }

    @Override
    public long size(int index) {
      return records.size(index);
    }

    @Override
    public @Nullable IOException failure(int index) {
      return records.failure(index);
    }

    @Override
    public int run(int index, int most) {
      return records.run(index, most);
    }

    @Override
    public void close() {
      if (open) {
        open = false;
        records.release();
        giveRead(this);
      }
    }
  }

  /** The memory outside the Java heap that is allocated for records, in bytes. */
  public long memory() {
    return files.cache().memory();
  }

  /** How many chunks were decoded. */
  public long decodes() {
    return files.cache().decodes();
  }

  /** Closes the files. The memory of records and chunks that are still in use is freed later. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      unusedReads.forEach(read -> read.records.close());
      unusedReads.clear();
      unusedBytes = 0;
    }
    held.close();
    close.run();
  }
}
