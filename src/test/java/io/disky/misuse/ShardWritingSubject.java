package io.disky.misuse;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.disky.FlushMode;
import io.disky.MemoryShards;
import io.disky.MultiThreadedWriter;
import io.disky.MultiThreadedWriterOptions;
import io.disky.RecordWriter;
import io.disky.RemoteTarget;
import io.disky.ShardListener;
import io.disky.ShardTarget;
import io.disky.WriterOptions;
import io.disky.WrittenShard;
import io.disky.misuse.Mischief.Kind;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A {@link MultiThreadedWriter} whose shards are where code of the user has them. */
final class ShardWritingSubject extends WritingSubject {
  private static final Set<Allowed> FUTURE = EnumSet.of(Allowed.EXECUTION);
  private static final long MOST_SECONDS = 60;
  private static final long FIRST_NUMBER = 2_000_000;

  private final Target shards;
  private final MultiThreadedWriter writer;
  private final Map<Long, CompletableFuture<Void>> futures = new LinkedHashMap<>(); // guarded

  private ShardWritingSubject(Round round, MultiThreadedWriterOptions options) throws IOException {
    super("a writer of shards", FIRST_NUMBER);
    this.shards = new Target(round);
    this.writer = MultiThreadedWriter.open(shards, options);
  }

  /** Opens a writer; {@code null} if that fails. */
  static @Nullable Subject open(Round round) {
    MultiThreadedWriterOptions options = options(round);
    ShardWritingSubject[] opened = {null};
    round.attempt(
        "open " + options,
        Allowed.OPENING,
        () -> opened[0] = new ShardWritingSubject(round, options));
    return opened[0];
  }

  private static MultiThreadedWriterOptions options(Round round) {
    Dice dice = round.dice();
    MultiThreadedWriterOptions options =
        MultiThreadedWriterOptions.defaults()
            .withNumShards(1 + dice.below(3))
            .withParallelism(dice.below(3))
            .withMaxBytesPerWriter(dice.oneIn(3) ? 1 + dice.below(2_000) : Long.MAX_VALUE)
            .withTaskQueueCapacity(1 + dice.below(4))
            .withWriterOptions(WriterSubject.options(dice).withAtomicCreation(false));
    return dice.oneIn(3) ? options.withShardListener(new Listener(round)) : options;
  }

  private record Listener(Round round) implements ShardListener {
    @Override
    public void opened(String shard) {
      round.mischief().here("opened of a listener");
    }

    @Override
    public void finished(String shard, long records) {
      round.mischief().here("finished of a listener");
    }
  }

  /** Shards in memory, some of which cannot be opened. */
  private static final class Target implements ShardTarget {
    private final Round round;
    private final List<HostileSink> sinks = new ArrayList<>(); // guarded by itself
    private final List<HostileUpload> uploads = new CopyOnWriteArrayList<>();
    private volatile boolean lied;

    /** An upload that has failed loses the records that were flushed. */
    private volatile boolean lost;

    Target(Round round) {
      this.round = round;
    }

    @Override
    public String name() {
      round.mischief().here("name of a target");
      return "hostile";
    }

    @Override
    public String name(long number) {
      round.mischief().here("name of a shard");
      return "hostile_" + number;
    }

    @Override
    public RecordWriter open(long number, WriterOptions options) throws IOException {
      round.mischief().here("open of a shard");
      if (round.mischief().does(Kind.LIE)) {
        lied = true;
        return wrong(options);
      }
      if (round.dice().oneIn(3)) {
        HostileUpload upload = new HostileUpload(round);
        uploads.add(upload);
        return RecordWriter.open(
            RemoteTarget.of(upload).with(HostileRemoteFile.options(round.dice())), options);
      }
      HostileSink sink = new HostileSink(round);
      RecordWriter opened =
          round.dice().oneIn(2)
              ? RecordWriter.open(sink.stream(), options)
              : RecordWriter.open(sink.channel(), options);
      synchronized (sinks) {
        sinks.add(sink);
      }
      return opened;
    }

    private @Nullable RecordWriter wrong(WriterOptions options) throws IOException {
      RecordWriter opened = new MemoryShards("other").open(0, options);
      switch (round.dice().below(3)) {
        case 0 -> opened.close();
        case 1 -> opened.write(TellingRecord.of(1));
        default -> {
          opened.close();
          return null;
        }
      }
      return opened;
    }

    /** Reads all shards. */
    boolean read(List<Long> found) {
      boolean whole = true;
      for (HostileUpload upload : uploads) {
        lied |= upload.hasLied();
        byte[] bytes = upload.bytes();
        lost |= bytes == null;
        whole &=
            bytes != null
                && WrittenRecords.read(MemorySegment.ofArray(bytes), found, round) == null;
        upload.end();
      }
      synchronized (sinks) {
        for (HostileSink sink : sinks) {
          lied |= sink.hasLied();
          MemorySegment bytes = MemorySegment.ofArray(sink.bytes());
          whole &= WrittenRecords.read(bytes, found, round) == null;
        }
      }
      return whole;
    }
  }

  @Override
  public void operate(Round round) {
    Dice dice = round.dice();
    switch (dice.below(20)) {
      case 0, 1, 2, 3, 4, 5, 6, 7, 8 -> write(round);
      case 9, 10, 11, 12, 13 -> writeAsync(round);
      case 14 -> flush(round, dice.of(FlushMode.class));
      case 15 -> flushAsync(round);
      case 16, 17 -> lookAt(round);
      default -> {
        if (dice.oneIn(10)) {
          close(round);
        } else {
          write(round);
        }
      }
    }
  }

  private void write(Round round) {
    long number = nextNumber();
    RecordSource.Target target =
        new RecordSource.Target(writer::write, writer::write, writer::write, writer::write);
    settle(number, write(round, "write", number, target));
  }

  private void settle(long number, @Nullable Throwable thrown) {
    if (thrown == null) {
      records.take(number);
    } else if (!(thrown instanceof IllegalStateException)) {
      records.doubt(number);
    }
  }

  private void writeAsync(Round round) {
    long number = nextNumber();
    List<CompletableFuture<Void>> returned = new ArrayList<>();
    RecordSource.Target target =
        new RecordSource.Target(
            record -> returned.add(writer.writeAsync(record)),
            (array, offset, length) -> returned.add(writer.writeAsync(array, offset, length)),
            record -> returned.add(writer.writeAsync(record)),
            record -> returned.add(writer.writeAsync(record)));
    settle(number, write(round, "writeAsync", number, target));
    if (!returned.isEmpty()) {
      CompletableFuture<Void> future = returned.getFirst();
      synchronized (futures) {
        futures.put(number, future);
      }
      if (round.dice().oneIn(4)) {
        var _ = future.thenRun(() -> round.mischief().here("a future"));
      }
    }
  }

  @Override
  void flush(FlushMode mode) throws IOException {
    writer.flush(mode);
  }

  @Override
  boolean isOpen() {
    return writer.isOpen();
  }

  @Override
  void close() throws IOException {
    writer.close();
  }

  private void flushAsync(Round round) {
    round.attempt(
        "flushAsync",
        WRITING,
        () -> {
          var _ = writer.flushAsync().thenRun(() -> round.mischief().here("a future"));
        });
  }

  private void lookAt(Round round) {
    round.attempt(
        "shards and so on",
        Allowed.STATES,
        () -> {
          long written = writer.shards().stream().mapToLong(WrittenShard::recordCount).sum();
          if (written < 0 || writer.pendingTasks() < 0 || writer.availableWriters() < 0) {
            round.violate("the shards report a negative number", null);
          }
        });
  }

  @Override
  public void check(Round round) {
    List<Long> found = new ArrayList<>();
    boolean whole = shards.read(found);
    if (shards.lied) {
      return;
    }
    boolean complete = wasClosed() && !round.mischief().hasOverflowed();
    if (complete && !whole) {
      round.violate("the shards of a closed writer cannot be read", null);
    }
    if (shards.lost && !complete) {
      return;
    }
    records.flushed(completed(round));
    records.check(round, found, complete, false);
  }

  /** The records whose futures have completed successfully. */
  private List<Long> completed(Round round) {
    List<Long> completed = new ArrayList<>();
    synchronized (futures) {
      for (Map.Entry<Long, CompletableFuture<Void>> entry : futures.entrySet()) {
        // Another thread will complete the future.
        Throwable thrown =
            round.thrownBy("a future", FUTURE, () -> entry.getValue().get(MOST_SECONDS, SECONDS));
        if (thrown == null) {
          completed.add(entry.getKey());
        }
      }
    }
    return completed;
  }

  @Override
  public boolean isShared() {
    return true;
  }
}
