package io.disky.random;

import io.disky.engine.ChunkPick;
import io.disky.memory.NativeMemory;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Records with given numbers, which all stay in memory until they are {@linkplain #release
 * released}. Chunks that {@link HeldChunks} or the cache have are used where they are. Other chunks
 * are read together, as many as take 16 MiB; if few of their bytes are wanted, the wanted records
 * are copied, and the next chunks are read to the same memory. So this object takes 16 MiB, or what
 * the largest chunk needs, and up to 4 times the size of the records. It is used again and again;
 * in the long run it allocates nothing on the Java heap. An index counts the numbers. For one
 * thread at a time.
 */
public final class GatheredRecords {
  /** The most memory that chunks are read to together, in bytes. */
  private static final long MOST_TOGETHER = 16 << 20;

  /** Memory that has wanted records is kept if it is at most so many times larger than these. */
  private static final int MOST_WASTE = 4;

  /** Records of so few bytes are copied rather than kept with memory of their own. */
  private static final long FEW_BYTES = 256 << 10;

  /** The most memory that is kept from call to call, in bytes. */
  private static final long MOST_SPARE = 8 << 20;

  private static final long SMALLEST_GATHERED = 64 << 10;
  private static final int NO_PART = -1;

  private final IndexedFiles files;
  private final HeldChunks held;
  private final WantedChunks wanted = new WantedChunks();
  private final AnnouncedChunks announcing;

  // For each record: its part, its place in the part, and its size.
  private int[] partOf = new int[0];
  private long[] places = new long[0];
  private long[] sizes = new long[0];
  private @Nullable IOException @Nullable [] failures;

  private MemorySegment[] parts = new MemorySegment[16];
  private int partCount;

  // What has the parts.
  private NativeMemory[] memories = new NativeMemory[4];
  private int memoryCount;
  private HeldChunk[] chunks = new HeldChunk[16];
  private int chunkCount;
  private CachedChunk[] cached = new CachedChunk[16];
  private int cachedCount;

  private NativeMemory spare = NativeMemory.NONE;

  // The tables of calls of the engine.
  private NativeMemory tables = NativeMemory.NONE;
  private @Nullable ChunkPick pick;
  private int tableChunks;
  private int tableRecords;

  // Memory to which records are copied out of memory that is mostly not wanted.
  private NativeMemory gathered = NativeMemory.NONE;
  private int gatheredPart = NO_PART;
  private long gatheredEnd;

  /** Reads {@code files}. */
  public GatheredRecords(IndexedFiles files, HeldChunks held) {
    this.files = files;
    this.held = held;
    this.announcing = new AnnouncedChunks(files);
  }

  /**
   * Reads records. The records before are released.
   *
   * @param numbers numbers of records from index 0 on, ascending; they may repeat
   * @param count how many numbers there are
   * @throws IOException if reading fails for another reason than the contents of a chunk, which
   *     {@link #failure} states; nothing is then in memory
   */
  public void read(long[] numbers, int count) throws IOException {
    files.enter();
    release();
    boolean complete = false;
    try {
      makeRoom(count);
      wanted.find(files, numbers, count);
      announce();
      int next = 0;
      while (next < wanted.count()) {
        next += readNext(next, numbers);
      }
      complete = true;
    } finally {
      announcing.close();
      if (!complete) {
        release();
      }
    }
  }

  /** Announces the wanted chunks that must be read, so that requests for them run together. */
  private void announce() {
    if (files.hasRemote()) {
      for (int i = 0; i < wanted.count(); i++) {
        if (!held.holds(wanted.key(i))) {
          announcing.add(wanted.file(i), wanted.number(i), wanted.key(i));
        }
      }
      announcing.flush();
    }
  }

  /**
   * Announces the chunks of records that will be read soon.
   *
   * @param numbers as those of {@link #read}
   */
  public void announce(long[] numbers, int count) {
    wanted.find(files, numbers, count);
    announce();
  }

  /** Withdraws the announced chunks that were not read. */
  public void withdraw() {
    announcing.close();
  }

  private void makeRoom(int count) {
    if (partOf.length < count) {
      int length = Math.max(count, 2 * partOf.length);
      partOf = new int[length];
      places = new long[length];
      sizes = new long[length];
    }
  }

  /** Reads the wanted records of one or several chunks; returns of how many. */
  private int readNext(int next, long[] numbers) throws IOException {
    if (files.fitIntoCache()) {
      useCache(next, numbers);
      return 1;
    }
    HeldChunk shared = held.share(wanted.key(next));
    if (shared != null) {
      use(shared, next, numbers);
      return 1;
    }
    int picked = wanted.file(next).mayPick() ? pick(next, numbers) : 0;
    if (picked > 0) {
      return picked;
    }
    useAlone(held.decodeAlone(wanted.key(next)), next, numbers);
    return 1;
  }

  private void useCache(int next, long[] numbers) throws IOException {
    IndexedFile file = wanted.file(next);
    try {
      CachedChunk chunk = files.pin(wanted.key(next), file, wanted.number(next));
      addCached(chunk);
      int part = addPart(chunk.memory().segment());
      for (int i = wanted.from(next); i < wanted.to(next); i++) {
        int index = chunk.indexOf(numbers[i]);
        set(i, part, chunk.place(index), chunk.size(index));
      }
    } catch (IOException e) {
      if (!file.failures().isOfChunk(e)) {
        throw e;
      }
      fail(next, e);
    }
  }

  // The arrays have room before something is added: if growing fails, release() finds everything.

  private void addCached(CachedChunk chunk) {
    cached[cachedCount++] = chunk;
    if (cachedCount == cached.length) {
      cached = Arrays.copyOf(cached, 2 * cachedCount);
    }
  }

  private void addChunk(HeldChunk chunk) {
    chunks[chunkCount++] = chunk;
    if (chunkCount == chunks.length) {
      chunks = Arrays.copyOf(chunks, 2 * chunkCount);
    }
  }

  private void addMemory(NativeMemory memory) {
    memories[memoryCount++] = memory;
    if (memoryCount == memories.length) {
      memories = Arrays.copyOf(memories, 2 * memoryCount);
    }
  }

  private int addPart(MemorySegment part) {
    parts[partCount++] = part;
    if (partCount == parts.length) {
      parts = Arrays.copyOf(parts, 2 * partCount);
    }
    return partCount - 1;
  }

  /** Takes over {@code chunk}, which this object holds. Returns the size of the wanted records. */
  private long use(HeldChunk chunk, int next, long[] numbers) {
    addChunk(chunk);
    IOException failure = chunk.failure();
    if (failure != null) {
      fail(next, failure);
      return 0;
    }
    int part = addPart(chunk.data());
    long size = 0;
    for (int i = wanted.from(next); i < wanted.to(next); i++) {
      int index = chunk.indexOf(numbers[i]);
      set(i, part, chunk.place(index), chunk.size(index));
      size += sizes[i];
    }
    return size;
  }

  /** As {@link #use}, for a chunk that nobody else holds. */
  private void useAlone(HeldChunk chunk, int next, long[] numbers) {
    long size = use(chunk, next, numbers);
    if (chunk.failure() == null && isMostlyUnwanted(chunk.bytes(), size, next + 1)) {
      gather(wanted.from(next), wanted.to(next), size);
      chunkCount--;
      held.release(chunk);
    }
  }

  private void fail(int next, IOException failure) {
    @Nullable IOException[] all = failures;
    if (all == null) {
      all = new IOException[partOf.length];
      failures = all;
    }
    for (int i = wanted.from(next); i < wanted.to(next); i++) {
      all[i] = failure;
      set(i, NO_PART, 0, 0);
    }
  }

  private void set(int i, int part, long place, long size) {
    partOf[i] = part;
    places[i] = place;
    sizes[i] = size;
  }

  /**
   * Reads the wanted records of several chunks with one call of the engine. Returns of how many
   * chunks; 0 if the first one is too large or unusual, so that it must be decoded alone.
   */
  private int pick(int first, long[] numbers) throws IOException {
    IndexedFile file = wanted.file(first);
    ChunkIndex index = file.index();
    double bytes = 0;
    int end = first;
    while (end < wanted.count() && wanted.file(end).equals(file)) {
      long number = wanted.number(end);
      double more = bytes + index.roomyMemory(index.end(number) - index.begin(number));
      if (more > MOST_TOGETHER || (end > first && held.holds(wanted.key(end)))) {
        break;
      }
      bytes = more;
      end++;
    }
    return end == first ? 0 : pickTogether(file, first, end, (long) bytes, numbers);
  }

  private int pickTogether(IndexedFile file, int first, int end, long bytes, long[] numbers)
      throws IOException {
    int from = wanted.from(first);
    int count = wanted.to(end - 1) - from;
    ChunkPick all = tables(end - first, count);
    reserveSpare(bytes);
    all.prepare(end - first, count, spare.segment());
    ChunkIndex index = file.index();
    for (int chunk = first; chunk < end; chunk++) {
      long number = wanted.number(chunk);
      int picked = wanted.to(chunk) - wanted.from(chunk);
      all.setChunk(
          chunk - first, index.begin(number), index.end(number), index.records(number), picked);
      for (int i = wanted.from(chunk); i < wanted.to(chunk); i++) {
        all.setRecord(i - from, numbers[i] - wanted.firstRecord(chunk));
      }
    }
    int done = file.pick(all);
    if (done > 0) {
      files.cache().countDecodes(done);
      keep(all, first, first + done);
    }
    return done;
  }

  /** Keeps the records that a call has read to the spare memory. */
  private void keep(ChunkPick all, int first, int end) {
    int from = wanted.from(first);
    int to = wanted.to(end - 1);
    int part = addPart(spare.segment());
    long size = 0;
    for (int i = from; i < to; i++) {
      set(i, part, all.offset(i - from), all.size(i - from));
      size += sizes[i];
    }
    if (isMostlyUnwanted(spare.size(), size, end)) {
      gather(from, to, size);
    } else {
      addMemory(takeSpare());
    }
  }

  /** Whether to keep copies of records instead of their memory, which further chunks can use. */
  private boolean isMostlyUnwanted(long memory, long size, int next) {
    return next < wanted.count() && size < Math.max(memory / MOST_WASTE, FEW_BYTES);
  }

  /** Copies the records of the last part, which is then no longer a part. */
  private void gather(int from, int to, long size) {
    MemorySegment source = parts[--partCount];
    parts[partCount] = MemorySegment.NULL;
    if (gathered.size() - gatheredEnd < size) {
      growGathered(size);
    }
    if (gatheredPart == NO_PART) {
      gatheredPart = addPart(gathered.segment());
    }
    MemorySegment target = gathered.segment();
    for (int i = from; i < to; i++) {
      MemorySegment.copy(source, places[i], target, gatheredEnd, sizes[i]);
      set(i, gatheredPart, gatheredEnd, sizes[i]);
      gatheredEnd += sizes[i];
    }
  }

  /** Takes memory for at least {@code size} bytes, in addition to the memory that is full. */
  private void growGathered(long size) {
    NativeMemory full = gathered;
    gathered = NativeMemory.NONE;
    addMemory(full);
    gatheredPart = NO_PART;
    gatheredEnd = 0;
    gathered =
        files
            .cache()
            .takeBeyond(HeldChunk.rounded(Math.max(SMALLEST_GATHERED, full.size() + 2 * size)));
  }

  private void reserveSpare(long bytes) {
    if (spare.size() < bytes) {
      give(takeSpare());
      spare = files.cache().takeBeyond(HeldChunk.rounded(bytes));
    }
  }

  private NativeMemory takeSpare() {
    NativeMemory taken = spare;
    spare = NativeMemory.NONE;
    return taken;
  }

  private NativeMemory takeGathered() {
    NativeMemory taken = gathered;
    gathered = NativeMemory.NONE;
    return taken;
  }

  private void give(NativeMemory memory) {
    files.cache().giveBeyond(memory);
  }

  /** The tables for a call of the engine. */
  private ChunkPick tables(int chunkCount, int recordCount) {
    ChunkPick known = pick;
    if (known != null && chunkCount <= tableChunks && recordCount <= tableRecords) {
      return known;
    }
    int moreChunks = Math.max(chunkCount, tableChunks + tableChunks / 2);
    int moreRecords = Math.max(recordCount, tableRecords + tableRecords / 2);
    giveTables();
    tables = files.cache().takeBeyond(ChunkPick.tableSize(moreChunks, moreRecords));
    ChunkPick made = new ChunkPick(tables.segment(), moreChunks, moreRecords);
    pick = made;
    tableChunks = moreChunks;
    tableRecords = moreRecords;
    return made;
  }

  private void giveTables() {
    NativeMemory unused = tables;
    tables = NativeMemory.NONE;
    pick = null;
    tableChunks = 0;
    tableRecords = 0;
    give(unused);
  }

  /** The memory that contains a record. */
  public MemorySegment part(int index) {
    int part = partOf[index];
    return part < 0 ? MemorySegment.NULL : parts[part];
  }

  /** Where a record begins in {@link #part}, in bytes. */
  public long place(int index) {
    return places[index];
  }

  /** Size of a record in bytes. */
  public long size(int index) {
    return sizes[index];
  }

  /** Why a record could not be read: the contents of its chunk. {@code null} if it was read. */
  public @Nullable IOException failure(int index) {
    @Nullable IOException[] all = failures;
    return all == null ? null : all[index];
  }

  /**
   * How many records from {@code index} on, of at most {@code most}, were read and lie directly one
   * after the other in the same part; 0 if the first of them was not read.
   */
  public int run(int index, int most) {
    int part = partOf[index];
    if (part == NO_PART) {
      return 0;
    }
    int last = index;
    int end = index + most;
    while (last + 1 < end
        && partOf[last + 1] == part
        && places[last + 1] == places[last] + sizes[last]) {
      last++;
    }
    return last + 1 - index;
  }

  /** Ends the use of the records. Some memory is kept for the next ones. */
  public void release() {
    failures = null;
    gatheredPart = NO_PART;
    gatheredEnd = 0;
    while (partCount > 0) {
      parts[--partCount] = MemorySegment.NULL;
    }
    while (cachedCount > 0) {
      files.unpin(cached[--cachedCount]);
    }
    while (chunkCount > 0) {
      held.release(chunks[--chunkCount]);
    }
    while (memoryCount > 0) {
      leave(memories[--memoryCount]);
    }
    if (spare.size() > MOST_SPARE) {
      give(takeSpare());
    }
    if (gathered.size() > MOST_SPARE) {
      give(takeGathered());
    }
  }

  /** Makes {@code memory} the spare memory if that is smaller, or gives it back. */
  private void leave(NativeMemory memory) {
    if (memory.size() <= MOST_SPARE && memory.size() > spare.size()) {
      give(takeSpare());
      spare = memory;
    } else {
      give(memory);
    }
  }

  /** The memory that is kept for the next records while there are none, in bytes. */
  public long spareBytes() {
    return spare.size() + gathered.size() + tables.size();
  }

  /** Releases the records and all memory. This object can be used again. */
  public void close() {
    release();
    give(takeSpare());
    give(takeGathered());
    giveTables();
  }
}
