package io.disky.cli;

import io.disky.RecordWriter;
import io.disky.WriterOptions;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes records to shards whose numbers of records differ by at most one. For one thread. */
abstract class SplitRecords implements AutoCloseable {
  private final BegunShards shards;
  private final WriterOptions options;

  private SplitRecords(BegunShards shards, WriterOptions options) {
    this.shards = shards;
    this.options = options;
  }

  /** Takes the next record. */
  abstract void take(MemorySegment record) throws IOException;

  /** Completes all shards. */
  abstract void end() throws IOException;

  /** Closes the shards, which are incomplete unless {@link #end} was called. */
  @Override
  public abstract void close() throws IOException;

  final RecordWriter open(int shard) throws IOException {
    return shards.open(shard, options);
  }

  /** Each shard gets neighbouring records. */
  static final class Contiguous extends SplitRecords {
    private final long records;
    private final int count;
    private int next; // the shard to open next
    private long left; // how many records the open shard still takes
    private long taken;
    private @Nullable RecordWriter writer;

    /**
     * Begins with no shard open.
     *
     * @param records number of records
     * @param count number of shards
     */
    Contiguous(BegunShards shards, WriterOptions options, long records, int count) {
      super(shards, options);
      this.records = records;
      this.count = count;
    }

    @Override
    void take(MemorySegment record) throws IOException {
      if (taken == records) {
        throw changed();
      }
      while (writer == null || left == 0) {
        writer = openNext();
      }
      writer.write(record);
      left--;
      taken++;
    }

    private RecordWriter openNext() throws IOException {
      close();
      left = records / count + (next < records % count ? 1 : 0);
      return open(next++);
    }

    private IOException changed() {
      return new IOException(
          "the number of records is not "
              + records
              + ", as the chunk headers stated before; has another program changed the input?");
    }

    @Override
    void end() throws IOException {
      if (taken != records) {
        throw changed();
      }
      while (next < count) {
        writer = openNext();
      }
      close();
    }

    @Override
    public void close() throws IOException {
      if (writer != null) {
        writer.close();
      }
    }
  }

  /** The shards take turns, record by record. */
  static final class RoundRobin extends SplitRecords {
    private final List<RecordWriter> writers = new ArrayList<>();
    private final int count;
    private int turn;

    /**
     * Begins with no shard open.
     *
     * @param count number of shards
     */
    RoundRobin(BegunShards shards, WriterOptions options, int count) {
      super(shards, options);
      this.count = count;
    }

    @Override
    void take(MemorySegment record) throws IOException {
      if (writers.size() < count) {
        writers.add(open(writers.size()));
      }
      writers.get(turn).write(record);
      turn = turn + 1 == count ? 0 : turn + 1;
    }

    @Override
    void end() throws IOException {
      while (writers.size() < count) {
        writers.add(open(writers.size()));
      }
      for (RecordWriter writer : writers) {
        writer.close();
      }
    }

    @Override
    public void close() throws IOException {
      IOException failure = null;
      for (RecordWriter writer : writers) {
        try {
          writer.close();
        } catch (IOException e) {
          failure = e;
        }
      }
      if (failure != null) {
        throw failure;
      }
    }
  }
}
