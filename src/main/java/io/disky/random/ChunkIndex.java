package io.disky.random;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Maps record numbers to the chunks of a file. Takes 4 bytes for each chunk if all chunks have the
 * same number of records, else 8 bytes; 16 bytes if the chunks are far apart. Immutable.
 */
public final class ChunkIndex {
  private static final int PAGE = 1024;
  private static final long BLOCK = 1 << 16;
  private static final int BLOCK_HEADER = 24;

  /** Memory for the alignment of a small chunk, whose size may be far from the mean. */
  private static final int ROOM = 256;

  private static final long TRUSTED = 1 << 20;
  private static final long TRUSTED_EXPANSION = 16;

  /**
   * The entry of one chunk.
   *
   * @param number how many chunks are before it
   * @param firstRecord how many records are before it
   * @param records how many records it has
   * @param begin offset of the chunk in the file in bytes
   * @param end offset of the next chunk that has an entry, or the size of the file, in bytes
   */
  public record Entry(long number, long firstRecord, long records, long begin, long end) {
    long lastRecord() {
      return firstRecord + records - 1;
    }
  }

  /** Ascending numbers, in 4 bytes each if that is enough. */
  private static final class Ascending {
    private final int @Nullable [] small;
    private final long @Nullable [] large;

    Ascending(long[] values, int count) {
      if (count > 0 && values[count - 1] > 0xffff_ffffL) {
        small = null;
        large = Arrays.copyOf(values, count);
      } else {
        large = null;
        small = new int[count];
        for (int i = 0; i < count; i++) {
          small[i] = (int) values[i];
        }
      }
    }

    long get(int index) {
      return small != null
          ? Integer.toUnsignedLong(small[index])
          : Objects.requireNonNull(large)[index];
    }

    /** The index of the last of the first {@code count} numbers that is at most {@code value}. */
    int floor(long value, int count) {
      int low = 0;
      int high = count - 1;
      while (low < high) {
        int middle = (low + high + 1) >>> 1;
        if (get(middle) <= value) {
          low = middle;
        } else {
          high = middle - 1;
        }
      }
      return low;
    }
  }

  /** Neighbouring chunks. */
  private static final class Page {
    private final long firstRecord;
    private final long begin;
    private final int chunks;
    private final long records;
    private final Ascending begins; // counted from begin
    private final long each; // records of every chunk but the last, which has no more; else 0
    private final @Nullable Ascending firsts; // counted from firstRecord

    Page(long firstRecord, long[] begins, long[] records, int chunks) {
      this.firstRecord = firstRecord;
      this.begin = begins[0];
      this.chunks = chunks;
      this.each = uniform(records, chunks);
      long[] relative = new long[chunks];
      for (int i = 0; i < chunks; i++) {
        relative[i] = begins[i] - begin;
      }
      this.begins = new Ascending(relative, chunks);
      long sum = 0;
      for (int i = 0; i < chunks; i++) {
        relative[i] = sum;
        sum += records[i];
      }
      this.records = sum;
      this.firsts = each > 0 ? null : new Ascending(relative, chunks);
    }

    private static long uniform(long[] records, int chunks) {
      for (int i = 1; i < chunks; i++) {
        boolean last = i == chunks - 1;
        if (last ? records[i] > records[0] : records[i] != records[0]) {
          return 0;
        }
      }
      return records[0];
    }

    long begin(int chunk) {
      return begin + begins.get(chunk);
    }

    /** Number of records of the page that are before a chunk. */
    long first(int chunk) {
      return firsts == null ? chunk * each : firsts.get(chunk);
    }

    /** The chunk that contains a record, counted from the first chunk of the page. */
    int find(long record) {
      return firsts == null ? (int) (record / each) : firsts.floor(record, chunks);
    }
  }

  private final Page[] pages;
  private final Starts firstRecords; // of the pages
  private final long chunks;
  private final long records;
  private final long end;
  private final long decodedSize;
  private final long largest;

  private ChunkIndex(Builder builder, long end) {
    this.pages = builder.pages.toArray(new Page[0]);
    this.firstRecords = new Starts(pages.length, i -> pages[i].firstRecord);
    this.chunks = builder.chunks;
    this.records = builder.records;
    this.end = end;
    this.decodedSize = builder.decodedSize;
    this.largest = builder.largest;
  }

  /** Takes chunks in the order of the file. */
  public static final class Builder {
    private final List<Page> pages = new ArrayList<>();
    private final long[] begins = new long[PAGE];
    private final long[] counts = new long[PAGE];
    private int pending;
    private long pendingRecords;
    private long last = -1;
    private long chunks;
    private long records;
    private long decodedSize;
    private long largest;

    /**
     * Adds a chunk.
     *
     * @param decodedDataSize sum of its record sizes in bytes, as its header states it
     * @return {@code false} if no chunk can begin at {@code begin} after the chunks added before
     */
    public boolean add(long begin, long count, long decodedDataSize) {
      if (!addWithoutSize(begin, count)) {
        return false;
      }
      long size = decodedSize(count, decodedDataSize);
      addSizes(size, size);
      return true;
    }

    /**
     * Adds a chunk whose memory {@link #addSizes} adds, together with that of other chunks. Returns
     * as {@link #add} does.
     */
    boolean addWithoutSize(long begin, long count) {
      long inBlock = begin % BLOCK;
      boolean boundary = inBlock == 0 || inBlock >= BLOCK_HEADER;
      long total = records + count;
      if (begin <= last || !boundary || count < 1 || total < 0) {
        return false;
      }
      last = begin;
      records = total;
      chunks++;
      begins[pending] = begin;
      counts[pending] = count;
      pending++;
      pendingRecords += count;
      if (pending == PAGE) {
        seal();
      }
      return true;
    }

    /** Adds all chunks of a part of the file; returns as {@link #add} does. */
    boolean addAll(ChunkIndex part) {
      for (long i = 0; i < part.chunks; i++) {
        Entry entry = part.entry(i);
        if (!addWithoutSize(entry.begin, entry.records)) {
          return false;
        }
      }
      addSizes(part.decodedSize, part.largest);
      return true;
    }

    /**
     * Adds the memory that chunks take, in bytes, if it was unknown when they were added.
     *
     * @param sum of all chunks
     * @param most of the largest chunk
     */
    public void addSizes(long sum, long most) {
      decodedSize = saturatedSum(decodedSize, sum);
      largest = Math.max(largest, most);
    }

    /** Number of records so far. */
    long records() {
      return records;
    }

    /** Number of chunks so far. */
    public long chunks() {
      return chunks;
    }

    private void seal() {
      pages.add(new Page(records - pendingRecords, begins, counts, pending));
      pending = 0;
      pendingRecords = 0;
    }

    /** The index of all added chunks, for a file of {@code fileSize} bytes. */
    public ChunkIndex build(long fileSize) {
      if (pending > 0) {
        seal();
      }
      return new ChunkIndex(this, fileSize);
    }
  }

  private static long decodedSize(long records, long bytes) {
    long ends = records > Long.MAX_VALUE / Long.BYTES ? Long.MAX_VALUE : records * Long.BYTES;
    return bytes < 0 ? Long.MAX_VALUE : saturatedSum(ends, bytes);
  }

  private static long saturatedSum(long a, long b) {
    long sum = a + b;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }

  /** Number of chunks. */
  public long chunks() {
    return chunks;
  }

  /** Number of records. */
  public long records() {
    return records;
  }

  /** Size of the file in bytes. */
  public long end() {
    return end;
  }

  /** The memory that all chunks together take, in bytes, as they state it. */
  public long decodedSize() {
    return decodedSize;
  }

  /** The memory that the largest chunk takes, in bytes, as it states it. */
  public long largestDecodedSize() {
    return largest;
  }

  /** The memory that a chunk takes on average, in bytes, as the chunks state it. */
  public double meanDecodedSize() {
    return (double) decodedSize / Math.max(chunks, 1);
  }

  /**
   * The memory that a chunk is likely to need while it is decoded, in bytes: for its bytes in the
   * file, and for its records, which this index knows on average only.
   */
  double roomyMemory(Entry entry) {
    return roomyMemory(entry.end - entry.begin);
  }

  /**
   * Returns the same as {@link #roomyMemory(Entry)}.
   *
   * @param size the size of the chunk in the file in bytes
   */
  double roomyMemory(long size) {
    return size + 1.125 * meanDecodedSize() + ROOM;
  }

  /**
   * The memory that the decoded chunk is likely to take, in bytes: its share of all chunks, by its
   * number of records.
   *
   * @param chunk 0 to {@link #chunks()} - 1
   */
  long likelyDecodedSize(long chunk) {
    return (long) ((double) decodedSize / Math.max(records, 1) * records(chunk));
  }

  /**
   * The memory that is likely to be enough for the records of a chunk while it is decoded, in
   * bytes. No more than {@link #trusted} allows.
   *
   * @param chunk 0 to {@link #chunks()} - 1
   */
  long likelyDataSize(long chunk) {
    long decoded = Math.min(likelyDecodedSize(chunk), trusted(chunk));
    return Math.min(decoded + decoded / 8, largest) + ROOM;
  }

  /**
   * The memory to allocate for a chunk, in bytes, before its contents have proved that it needs so
   * much.
   *
   * @param chunk 0 to {@link #chunks()} - 1
   */
  long trusted(long chunk) {
    return TRUSTED + TRUSTED_EXPANSION * (end(chunk) - begin(chunk));
  }

  /**
   * The number of the chunk that has a record: no search if the chunks have equally many records,
   * else a binary search.
   *
   * @param record 0 to {@link #records()} - 1
   */
  public long chunkOf(long record) {
    int page = firstRecords.find(record);
    return (long) page * PAGE + pages[page].find(record - pages[page].firstRecord);
  }

  /**
   * How many records are before a chunk. Does not search.
   *
   * @param chunk 0 to {@link #chunks()} - 1
   */
  public long firstRecord(long chunk) {
    Page page = pages[(int) (chunk / PAGE)];
    return page.firstRecord + page.first((int) (chunk % PAGE));
  }

  /**
   * Number of records of a chunk. Does not search.
   *
   * @param chunk 0 to {@link #chunks()} - 1
   */
  long records(long chunk) {
    long next = chunk == chunks - 1 ? records : firstRecord(chunk + 1);
    return next - firstRecord(chunk);
  }

  /**
   * Where a chunk begins in the file, in bytes. Does not search.
   *
   * @param chunk 0 to {@link #chunks()} - 1
   */
  long begin(long chunk) {
    return pages[(int) (chunk / PAGE)].begin((int) (chunk % PAGE));
  }

  /**
   * Where the next chunk begins, or the size of the file, in bytes. Does not search.
   *
   * @param chunk 0 to {@link #chunks()} - 1
   */
  long end(long chunk) {
    return chunk == chunks - 1 ? end : begin(chunk + 1);
  }

  /** The entry of the chunk that begins at {@code begin}; {@code null} if there is none. */
  public @Nullable Entry at(long begin) {
    if (pages.length == 0 || begin < pages[0].begin) {
      return null;
    }
    int page = lastPage(begin);
    Page found = pages[page];
    int inPage = found.begins.floor(begin - found.begin, found.chunks);
    return found.begin(inPage) == begin ? entry(page, inPage) : null;
  }

  /**
   * The entry of a chunk. Does not search.
   *
   * @param chunk 0 to {@link #chunks()} - 1
   */
  public Entry entry(long chunk) {
    return entry((int) (chunk / PAGE), (int) (chunk % PAGE));
  }

  private Entry entry(int page, int inPage) {
    Page found = pages[page];
    long first = found.first(inPage);
    boolean lastInPage = inPage == found.chunks - 1;
    long next = lastInPage ? found.records : found.first(inPage + 1);
    long chunkEnd;
    if (!lastInPage) {
      chunkEnd = found.begin(inPage + 1);
    } else {
      chunkEnd = page == pages.length - 1 ? end : pages[page + 1].begin;
    }
    return new Entry(
        (long) page * PAGE + inPage,
        found.firstRecord + first,
        next - first,
        found.begin(inPage),
        chunkEnd);
  }

  /** The last page that begins at {@code position} in the file or before. */
  private int lastPage(long position) {
    int low = 0;
    int high = pages.length - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (pages[middle].begin <= position) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }
}
