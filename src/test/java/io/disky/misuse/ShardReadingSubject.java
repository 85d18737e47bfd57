package io.disky.misuse;

import io.disky.MultiThreadedReader;
import io.disky.MultiThreadedReaderOptions;
import io.disky.ReaderOptions;
import io.disky.ReadingOrder;
import io.disky.RecordBatch;
import io.disky.RecordReader;
import io.disky.Shard;
import io.disky.ShardListener;
import io.disky.ShardSource;
import io.disky.SkippedRegion;
import io.disky.misuse.Mischief.Kind;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A {@link MultiThreadedReader} whose shards come from user code. */
final class ShardReadingSubject implements Subject {
  private final List<RecordFile> files;
  private final MultiThreadedReader reader;
  private final Held held = new Held();
  private final Set<Long> delivered = new HashSet<>(); // guarded by itself
  private final List<HostileRemoteFile> remotes = new CopyOnWriteArrayList<>();
  private volatile boolean lied;
  private volatile boolean dropped;

  private ShardReadingSubject(Round round, List<RecordFile> files) {
    this.files = files;
    this.reader = MultiThreadedReader.open(source(round, files), options(round));
  }

  /** Opens a reader; {@code null} if that fails. */
  static @Nullable Subject open(Round round) {
    Dice dice = round.dice();
    List<RecordFile> all = new ArrayList<>(round.workshop().files());
    List<RecordFile> files = new ArrayList<>();
    int count = 1 + dice.below(4);
    for (int i = 0; i < count; i++) {
      // No large files, and each file once, so that a record that comes twice is a fault.
      files.add(all.remove(dice.below(all.size() - 2)));
    }
    ShardReadingSubject[] opened = {null};
    round.attempt(
        "open shards " + files,
        Allowed.STATES,
        () -> opened[0] = new ShardReadingSubject(round, files));
    return opened[0];
  }

  private MultiThreadedReaderOptions options(Round round) {
    Dice dice = round.dice();
    MultiThreadedReaderOptions options =
        MultiThreadedReaderOptions.defaults()
            .withNumShards(1 + dice.below(3))
            .withParallelism(1 + dice.below(2))
            .withQueueSize(1 + dice.below(8_000))
            .withOrder(dice.of(ReadingOrder.class))
            .withDeterministic(dice.oneIn(2));
    return dice.oneIn(2) ? options.withShardListener(new Listener(round)) : options;
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

    @Override
    public void failed(String shard, IOException failure) {
      round.mischief().here("failed of a listener");
    }

    @Override
    public void skipped(String shard, SkippedRegion region) {
      round.mischief().here("skipped of a listener");
    }
  }

  private ShardSource source(Round round, List<RecordFile> shards) {
    Iterator<RecordFile> rest = shards.iterator();
    return () -> {
      round.mischief().here("next of a source of shards");
      return rest.hasNext() ? new HostileShard(round, rest.next()) : null;
    };
  }

  private final class HostileShard implements Shard {
    private final Round round;
    private final RecordFile file;

    HostileShard(Round round, RecordFile file) {
      this.round = round;
      this.file = file;
    }

    @Override
    public String name() {
      round.mischief().here("name of a shard");
      return file.name();
    }

    @Override
    public RecordReader open(ReaderOptions options) throws IOException {
      round.mischief().here("open of a shard");
      if (round.dice().oneIn(3)) {
        HostileRemoteFile remote = new HostileRemoteFile(round, file.name(), file.bytes());
        remotes.add(remote);
        return RecordReader.open(
            remote, options.withRemote(HostileRemoteFile.options(round.dice())));
      }
      MemorySegment bytes = MemorySegment.ofArray(file.bytes());
      if (!round.mischief().does(Kind.LIE)) {
        return RecordReader.open(bytes, options);
      }
      lied = true;
      RecordReader opened = RecordReader.open(bytes, options);
      switch (round.dice().below(4)) {
        case 0 -> opened.close();
        case 1 -> {
          boolean _ = opened.iterator().hasNext();
        }
        case 2 -> opened.batches().close();
        default -> {
          opened.close();
          return null;
        }
      }
      return opened;
    }
  }

  @Override
  public void operate(Round round) {
    Dice dice = round.dice();
    switch (dice.below(20)) {
      case 0, 1, 2, 3 -> nextBatch(round);
      case 4, 5 -> tryNextBatch(round);
      case 6, 7 -> next(round);
      case 8 -> tryNext(round);
      case 9 -> iterate(round);
      case 10 -> visitBatches(round);
      case 11 -> stream(round);
      case 12, 13 -> held.touchRecord(round);
      case 14, 15 -> held.touchBatch(round);
      case 16 -> lookAt(round);
      case 17 -> setQueueSize(round);
      default -> {
        if (dice.oneIn(8)) {
          close(round);
        } else {
          nextBatch(round);
        }
      }
    }
  }

  private void take(Round round, MemorySegment record) {
    long number = TellingRecord.number(record);
    boolean known = false;
    for (RecordFile file : files) {
      known |= file.has(number);
    }
    if (!known) {
      round.violate("a record of shards is wrong: number " + number, null);
    }
    boolean first;
    synchronized (delivered) {
      first = delivered.add(number);
    }
    if (!first) {
      round.violate("record " + number + " came twice", null);
    }
    if (round.dice().oneIn(4)) {
      held.keep(record, number);
    }
  }

  private void take(Round round, @Nullable RecordBatch batch) {
    if (batch == null) {
      return;
    }
    for (int i = 0; i < batch.recordCount(); i++) {
      take(round, batch.get(i));
    }
    if (round.dice().oneIn(2)) {
      batch.close();
    } else {
      held.keep(round, batch);
    }
  }

  private void nextBatch(Round round) {
    round.attempt("nextBatch of shards", Allowed.READING, () -> take(round, reader.nextBatch()));
  }

  private void tryNextBatch(Round round) {
    round.attempt("tryNextBatch", Allowed.READING, () -> take(round, reader.tryNextBatch()));
  }

  private void next(Round round) {
    round.attempt(
        "next of shards",
        Allowed.READING,
        () -> {
          MemorySegment record = reader.next();
          if (record != null) {
            take(round, record);
          }
        });
  }

  private void tryNext(Round round) {
    round.attempt(
        "tryNext",
        Allowed.READING,
        () -> {
          MemorySegment record = reader.tryNext();
          if (record != null) {
            take(round, record);
          }
        });
  }

  private void iterate(Round round) {
    round.attempt(
        "iteration over shards",
        Allowed.ITERATION,
        () -> {
          Iterator<MemorySegment> records = reader.iterator();
          for (int i = 0; i < 3 && records.hasNext(); i++) {
            take(round, records.next());
          }
        });
  }

  private void visitBatches(Round round) {
    int[] rest = {round.dice().below(5)};
    round.attempt(
        "visitBatches of shards",
        Allowed.READING,
        () -> {
          try {
            reader.visitBatches(batch -> {
              for (MemorySegment record : batch) {
                take(round, record);
              }
              round.mischief().here("a visitor of shards");
              if (rest[0]-- == 0) {
                throw new Enough();
              }
            });
          } catch (Enough _) {
            // The visitor threw it to end the visit.
          }
        });
  }

  private static final class Enough extends Exception {
    private static final long serialVersionUID = 1;
  }

  private void stream(Round round) {
    boolean parallel = round.hasThreads() && round.dice().oneIn(2);
    int limit = round.dice().below(100);
    // A stream that ends early may have taken more batches than it returned.
    dropped = true;
    round.attempt(
        "stream of shards",
        Allowed.ITERATION,
        () -> {
          try (Stream<MemorySegment> records = reader.stream()) {
            (parallel ? records.parallel() : records.limit(limit))
                .forEach(record -> {
                  take(round, record);
                  round.mischief().here("a stream of shards");
                });
          }
        });
  }

  private void lookAt(Round round) {
    round.attempt(
        "queuedRecords and so on",
        Allowed.STATES,
        () -> {
          if (reader.queuedRecords() < 0 || reader.queuedBytes() < 0 || reader.queueSize() < 1) {
            round.violate("the reader reports a negative number of queued records", null);
          }
        });
  }

  private void setQueueSize(Round round) {
    long size = round.dice().near(5_000L);
    round.attempt("setQueueSize " + size, Allowed.ARGUMENTS, () -> reader.setQueueSize(size));
  }

  @Override
  public void close(Round round) {
    if (round.mischief().hasEnded() && reader.isOpen() && !round.hasThreads()) {
      checkAll(round);
    }
    held.close(round);
    round.attempt("close of a reader of shards", Allowed.STATES, reader::close);
  }

  /**
   * Reads the remaining records. Each record must have come exactly once, unless user code has lost
   * it.
   */
  private void checkAll(Round round) {
    int expected = files.stream().mapToInt(RecordFile::count).sum();
    boolean complete =
        round.attempt(
            "read of the rest of the shards",
            Allowed.READING,
            () -> {
              MemorySegment record = reader.next();
              while (record != null) {
                take(round, record);
                record = reader.next();
              }
            });
    synchronized (delivered) {
      if (complete
          && !dropped
          && !lied
          && remotes.stream().noneMatch(HostileRemoteFile::hasLied)
          && round.mischief().isHarmless()
          && delivered.size() != expected) {
        round.violate(delivered.size() + " of " + expected + " records came", null);
      }
    }
  }

  @Override
  public void check(Round round) {
    remotes.forEach(HostileRemoteFile::end);
    held.touchRecord(round);
    round.attempt(
        "use of a closed reader of shards",
        Allowed.READING,
        () -> {
          reader.nextBatch();
          round.violate("a closed reader of shards reads", null);
        });
  }

  @Override
  public boolean isShared() {
    return true;
  }

  @Override
  public boolean isClosed() {
    return !reader.isOpen();
  }

  @Override
  public String toString() {
    return "a reader of the shards " + files;
  }
}
