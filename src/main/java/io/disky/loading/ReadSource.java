package io.disky.loading;

import io.disky.engine.StackProof;
import io.disky.files.QuotedText;
import io.disky.memory.MemoryFault;
import io.disky.memory.PendingFault;
import io.disky.order.ChunkLayout;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Records that code of the user delivers, with one call for each record. Blocks of a fixed number
 * of records have the role of chunks. The bytes are copied during the call, so the memory of the
 * user is not needed later.
 */
public final class ReadSource implements LoadedSource {
  /**
   * Delivers single records, to memory that one thread at a time uses. It is code of the user, so
   * it may throw any exception.
   */
  @FunctionalInterface
  public interface Delivery {
    /** Adds the bytes of a record to the memory. */
    void deliver(long number) throws IOException;
  }

  /** Makes deliveries. */
  @FunctionalInterface
  public interface Deliveries {
    /**
     * A delivery to {@code target}. Several threads call this method, and use their deliveries, at
     * the same time.
     */
    Delivery to(SuppliedBytes target);
  }

  /** The most memory, in bytes, and the largest number of objects that are kept between calls. */
  private static final long MOST_UNUSED_BYTES = 64 << 20;

  private static final int MOST_UNUSED = 1024;

  private final String name;
  private final Blocks layout;
  private final long meanSize;
  private final Deliveries deliveries;
  private final LongAdder memory = new LongAdder();

  // This object's monitor guards these fields.
  private final Map<Long, Block> blocks = new HashMap<>();
  private final ArrayDeque<Read> unused = new ArrayDeque<>();
  private long unusedBytes;
  private boolean closed;

  /**
   * @param name the name of the source in messages and in its identity
   * @param records number of records
   * @param blockRecords number of records of each block, at least 1; the last one may have fewer
   * @param meanSize an estimate of the mean size of a record in bytes, at least 1
   * @param deliveries the user's code
   */
  public ReadSource(
      String name, long records, int blockRecords, long meanSize, Deliveries deliveries) {
    this.name = name;
    this.layout = new Blocks(records, blockRecords, meanSize);
    this.meanSize = meanSize;
    this.deliveries = deliveries;
  }

  private record Blocks(long records, int each, long meanSize) implements ChunkLayout {
    @Override
    public long chunks() {
      return Math.ceilDiv(records, each);
    }

    @Override
    public long firstRecord(long chunk) {
      return chunk == chunks() ? records : chunk * each;
    }

    @Override
    public long chunkOf(long record) {
      return record / each;
    }

    @Override
    public long bytes(long chunk) {
      long count = firstRecord(chunk + 1) - firstRecord(chunk);
      return meanSize > Long.MAX_VALUE / count ? Long.MAX_VALUE : meanSize * count;
    }
  }

  @Override
  public String name() {
    return name;
  }

  /**
   * Name, number of records, records of a block, mean size of a record. {@link SourceIdentity} has
   * the format.
   */
  @Override
  public byte[] identity() {
    SourceIdentity identity = new SourceIdentity(SourceIdentity.CODE);
    identity.addName(name);
    identity.addNumber(layout.records);
    identity.addNumber(layout.each);
    identity.addNumber(meanSize);
    return identity.bytes();
  }

  @Override
  public ChunkLayout layout() {
    return layout;
  }

  @Override
  public long meanRecordSize() {
    return meanSize;
  }

  /** The records of a block, while there are holds of it. */
  private static final class Block {
    private final Read records;
    private int holders = 1;

    Block(Read records) {
      this.records = records;
    }
  }

  @Override
  public ChunkHold hold(long chunk) {
    Objects.checkIndex(chunk, layout.chunks());
    Block shared = share(chunk);
    return new Hold(chunk, shared == null ? readBlock(chunk) : shared);
  }

  private Block readBlock(long chunk) {
    long first = layout.firstRecord(chunk);
    long[] numbers = new long[(int) (layout.firstRecord(chunk + 1) - first)];
    Arrays.setAll(numbers, i -> first + i);
    Block fresh = new Block(readAll(numbers, numbers.length));
    synchronized (this) {
      // If another thread has read the block meanwhile, both copies are held, and one is used.
      blocks.putIfAbsent(chunk, fresh);
    }
    return fresh;
  }

  private synchronized @Nullable Block share(long chunk) {
    Block block = blocks.isEmpty() ? null : blocks.get(chunk);
    if (block != null) {
      block.holders++;
    }
    return block;
  }

  private void release(long chunk, Block block) {
    synchronized (this) {
      block.holders--;
      if (block.holders > 0) {
        return;
      }
      blocks.remove(chunk, block);
    }
    block.records.close();
  }

  private final class Hold implements ChunkHold {
    private final long chunk;
    private @Nullable Block block;

    Hold(long chunk, Block block) {
      this.chunk = chunk;
      this.block = block;
    }

    @Override
    public long bytes() {
      Block held = block;
      return held == null ? 0 : held.records.bytes();
    }

    @Override
    public void close() {
      Block held = block;
      block = null;
      if (held != null) {
        release(chunk, held);
      }
    }
  }

  @Override
  public RecordsHold read(long[] numbers, int count) {
    return readAll(numbers, count);
  }

  private Read readAll(long[] numbers, int count) {
    RecordNumbers.check(numbers, count, layout.records);
    StackProof.require();
    Read read = take();
    boolean complete = false;
    try {
      read.read(numbers, count);
      complete = true;
      return read;
    } finally {
      if (!complete) {
        read.close();
      }
    }
  }

  private Read take() {
    Read taken;
    synchronized (this) {
      if (closed) {
        throw new IllegalStateException("the source " + QuotedText.name(name) + " is closed");
      }
      taken = unused.pollLast();
      unusedBytes -= taken == null ? 0 : taken.bytes();
    }
    Read read = taken == null ? new Read() : taken;
    read.open = true;
    return read;
  }

  private synchronized void give(Read read) {
    long bytes = read.bytes();
    if (closed || unused.size() == MOST_UNUSED || bytes > MOST_UNUSED_BYTES - unusedBytes) {
      read.staged.free();
    } else {
      unused.addLast(read);
      unusedBytes += bytes;
    }
  }

  /** Records in memory of this object, and in blocks. */
  private final class Read implements RecordsHold {
    private final SuppliedBytes staged = new SuppliedBytes(memory);
    private final Delivery delivery = deliveries.to(staged);
    private boolean open;

    // For each record: the memory that contains it, where it begins, its size, and the failure.
    private SuppliedBytes[] holders = new SuppliedBytes[0];
    private long[] places = new long[0];
    private long[] sizes = new long[0];
    private @Nullable Exception[] failures = new Exception[0];
    private int count;

    private final ArrayDeque<Hold> held = new ArrayDeque<>();

    /** The memory that this object has, in bytes. */
    long bytes() {
      return staged.part().byteSize();
    }

    void read(long[] numbers, int wanted) {
      makeRoom(wanted);
      long blockEnd = 0;
      Block block = null;
      for (int i = 0; i < wanted; i++) {
        long number = numbers[i];
        if (number >= blockEnd) {
          long chunk = layout.chunkOf(number);
          blockEnd = layout.firstRecord(chunk + 1);
          block = hold(chunk);
        }
        if (i > 0 && number == numbers[i - 1]) {
          copy(i, this, i - 1);
        } else if (block != null) {
          copy(i, block.records, (int) (number - layout.firstRecord(layout.chunkOf(number))));
        } else {
          deliver(i, number);
        }
        count = i + 1;
      }
    }

    private void makeRoom(int wanted) {
      if (places.length < wanted) {
        int length = Math.max(wanted, 2 * places.length);
        holders = new SuppliedBytes[length];
        places = new long[length];
        sizes = new long[length];
        failures = new Exception[length];
      }
    }

    /** If there is a hold of the block, adds another hold, until this object is closed. */
    private @Nullable Block hold(long chunk) {
      Block shared = share(chunk);
      if (shared != null) {
        held.add(new Hold(chunk, shared));
      }
      return shared;
    }

    private void copy(int i, Read from, int index) {
      set(i, from.holders[index], from.places[index], from.sizes[index], from.failures[index]);
    }

    private void set(
        int i, SuppliedBytes holder, long place, long size, @Nullable Exception failure) {
      holders[i] = holder;
      places[i] = place;
      sizes[i] = size;
      failures[i] = failure;
    }

    private void deliver(int i, long number) {
      Exception failure = callDelivery(number);
      if (failure != null) {
        staged.remove();
      }
      set(i, staged, staged.place(), staged.size(), failure);
    }

    /**
     * Returns why the record was not delivered. Only an {@link Error} is thrown: other records of
     * the block may be needed although this one failed.
     */
    private @Nullable Exception callDelivery(long number) {
      staged.begin();
      try {
        delivery.deliver(number);
        PendingFault.raise();
      } catch (IOException e) {
        return e instanceof MemoryFault fault ? failure(number, fault) : e;
      } catch (Exception e) {
        return e;
      } catch (InternalError e) {
        return failure(number, MemoryFault.of("memory of a record", e));
      } finally {
        staged.end();
      }
      if (!staged.isDelivered()) {
        return new IllegalStateException(
            what(number)
                + ": no bytes were delivered; for an empty record, deliver an empty array");
      }
      return null;
    }

    private IOException failure(long number, MemoryFault fault) {
      return new IOException(what(number) + ": " + fault.getMessage(), fault.getCause());
    }

    private String what(long number) {
      return QuotedText.name(name) + ": record " + number;
    }

    @Override
    public MemorySegment part(int index) {
      return holders[index].part();
    }

    @Override
    public long offset(int index) {
      return places[index];
    }

    @Override
    public long size(int index) {
      return sizes[index];
    }

    @Override
    public @Nullable Exception failure(int index) {
      return failures[index];
    }

    @Override
    public void close() {
      if (!open) {
        return;
      }
      open = false;
      Arrays.fill(failures, 0, count, null);
      count = 0;
      while (!held.isEmpty()) {
        held.removeLast().close();
      }
      staged.clear();
      give(this);
    }
  }

  /** The memory outside the Java heap that is allocated for records, in bytes. */
  public long memory() {
    return memory.sum();
  }

  /** Frees the memory; memory of records and blocks that are still in use is freed later. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      unused.forEach(read -> read.staged.free());
      unused.clear();
      unusedBytes = 0;
    }
  }
}
