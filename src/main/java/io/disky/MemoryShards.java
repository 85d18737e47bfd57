package io.disky;

import io.disky.engine.Engine;
import io.disky.files.FileFailures;
import io.disky.files.QuotedText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Shards in memory on the Java heap: for tests, and for data that are sent elsewhere as one array.
 *
 * {@snippet :
 * MemoryShards memory = new MemoryShards("shard");
 * try (MultiThreadedWriter writer = MultiThreadedWriter.open(memory, options)) {
 *   writer.write(bytes);
 * }
 * try (MultiThreadedReader reader = MultiThreadedReader.open(memory.shards())) {
 *   ...
 * }
 * }
 *
 * <p>Each shard is smaller than 2 GiB. Thread-safe.
 */
public final class MemoryShards implements ShardTarget {
  private final String prefix;

  // The shards by number. Guarded by this object's monitor.
  private final TreeMap<Long, Contents> shards = new TreeMap<>();

  /** The bytes of a shard. */
  private static final class Contents extends ByteArrayOutputStream {
    private boolean closed;

    @Override
    public synchronized void close() {
      closed = true;
    }

    synchronized boolean isClosed() {
      return closed;
    }
  }

  /** Creates a target without shards. Their names will be {@code prefix_number}. */
  public MemoryShards(String prefix) {
    this.prefix = Objects.requireNonNull(prefix, "prefix");
  }

  @Override
  public String name() {
    return "memory with prefix \"" + QuotedText.message(prefix) + "\"";
  }

  @Override
  public String name(long number) {
    return prefix + "_" + number;
  }

  @Override
  public RecordWriter open(long number, WriterOptions options) throws IOException {
    Engine.ensureLoaded();
    Contents contents = new Contents();
    synchronized (this) {
      if (shards.putIfAbsent(number, contents) != null) {
        throw FileFailures.alreadyExists(name(number), "exists already");
      }
    }
    return RecordWriter.open(contents, options);
  }

  @Override
  public synchronized void clear() {
    shards.clear();
  }

  @Override
  public synchronized String toString() {
    return "MemoryShards[prefix=" + QuotedText.name(prefix) + ", shards=" + shards.size() + "]";
  }

  /**
   * The shards that were written and closed, in the order of their numbers.
   *
   * @throws IllegalArgumentException if there is no such shard
   */
  public Shards shards() {
    List<Shard> closed = new ArrayList<>();
    synchronized (this) {
      shards.forEach((number, contents) -> {
        if (contents.isClosed()) {
          closed.add(Shard.of(name(number), MemorySegment.ofArray(contents.toByteArray())));
        }
      });
    }
    return Shards.from(closed);
  }
}
