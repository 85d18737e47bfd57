package io.disky.loader;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.MultiThreadedReader;
import io.disky.MultiThreadedReaderOptions;
import io.disky.RandomAccessOptions;
import io.disky.RandomAccessReader;
import io.disky.ReaderOptions;
import io.disky.RecordReader;
import io.disky.Shard;
import io.disky.Shards;
import io.disky.remote.RemoteOptions;
import io.disky.remote.RemoteRequestException;
import io.disky.testing.HeldRemoteFile;
import io.disky.testing.MemoryRemoteFile;
import io.disky.testing.SampleFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Code of a remote file, and what depends on its futures, closes the reader that waits for it. */
@Timeout(60)
class RemoteClosingTest {
  private static final int RECORDS = 2_000;

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void write() throws IOException {
    file = SampleFiles.smallChunks(directory, RECORDS);
  }

  /** A reader of a remote file, and a call that reads all of the file. */
  record Opened(AutoCloseable reader, Callable<?> read) {}

  private static final RemoteOptions SMALL =
      RemoteOptions.defaults().withRequestSize(64 << 10).withMaxGap(0);

  enum Way {
    RANDOM {
      @Override
      Opened open(MemoryRemoteFile file) throws IOException {
        RandomAccessReader reader = RandomAccessReader.open(file, access());
        long[] all = new long[RECORDS];
        Arrays.setAll(all, i -> i);
        return new Opened(
            reader,
            () -> {
              reader.visitAll(all, (_, _) -> {});
              return null;
            });
      }
    },
    BATCHES {
      @Override
      Opened open(MemoryRemoteFile file) throws IOException {
        RecordReader reader = RecordReader.open(file, ReaderOptions.defaults().withRemote(SMALL));
        var batches = reader.batches();
        return new Opened(
            reader,
            () -> {
              batches.forEach(batch -> batch.close());
              return null;
            });
      }
    },
    SHARDS {
      @Override
      Opened open(MemoryRemoteFile file) {
        MultiThreadedReader reader =
            MultiThreadedReader.open(
                Shards.from(List.of(Shard.of(file))),
                MultiThreadedReaderOptions.defaults()
                    .withReaderOptions(ReaderOptions.defaults().withRemote(SMALL)));
        return new Opened(
            reader,
            () -> {
              reader.forEach(_ -> {});
              return null;
            });
      }
    },
    LOADER {
      @Override
      Opened open(MemoryRemoteFile file) throws IOException {
        DataLoader loader =
            DataLoader.open(
                RecordSource.remote(List.of(file), access()),
                LoaderOptions.defaults().withWorkers(2).withEpochs(1));
        return new Opened(
            loader,
            () -> {
              for (LoadedBatch batch : loader) {
                batch.close();
              }
              return null;
            });
      }
    };

    abstract Opened open(MemoryRemoteFile file) throws IOException;

    private static RandomAccessOptions access() {
      return RandomAccessOptions.defaults()
          .withCacheSize(0)
          .withReaderOptions(ReaderOptions.defaults().withRemote(SMALL));
    }
  }

  /** Opens a reader whose requests for the later part of the file are held back. */
  private static Opened opened(Way way, HeldRemoteFile remote) throws IOException {
    if (way == Way.RANDOM || way == Way.LOADER) { // opening reads the complete file
      Opened opened = way.open(remote);
      remote.hold(request -> request.position() > 300_000);
      return opened;
    }
    return way.open(remote.hold(request -> request.position() > 300_000));
  }

  private static FutureTask<?> start(Callable<?> code) {
    FutureTask<?> task = new FutureTask<>(code);
    Thread.ofPlatform().name("test-reader").daemon().start(task);
    return task;
  }

  private static Throwable failure(FutureTask<?> task) throws InterruptedException {
    try {
      task.get();
      return new AssertionError("no failure");
    } catch (ExecutionException e) {
      return e.getCause();
    }
  }

  /**
   * The thread that would answer closes the reader, while another thread waits for the answer, as
   * an action that depends on a future does.
   */
  @ParameterizedTest
  @EnumSource
  void theThreadThatAnswersCloses(Way way) throws Exception {
    HeldRemoteFile remote = HeldRemoteFile.of(file);
    Opened opened = opened(way, remote);
    FutureTask<?> reading = start(opened.read);
    remote.awaitOpen(1);
    opened.reader.close();
    assertThat(failure(reading))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageEndingWith("is closed");
    assertThat(remote.open()).isZero();
  }

  /** The owner of a reader closes it while other threads decode ahead. */
  @Test
  void aReaderIsClosedWhileThreadsWaitForAnswers() throws Exception {
    HeldRemoteFile remote = HeldRemoteFile.of(file).hold(request -> request.position() > 300_000);
    ReaderOptions options = ReaderOptions.defaults().withRemote(SMALL).withParallelism(2);
    try (RecordReader reader = RecordReader.open(remote, options)) {
      Thread owner = Thread.currentThread();
      AtomicBoolean closing = new AtomicBoolean();
      FutureTask<?> answering =
          start(() -> {
            while (!closing.get()) {
              if (owner.getState() == Thread.State.WAITING) {
                remote.answerAll(); // The owner needs one of the answers, too.
              }
              Thread.onSpinWait();
            }
            return null;
          });
      while (remote.open() < 1) {
        if (reader.next() == null) {
          reader.rewind();
        }
      }
      closing.set(true);
      answering.get();
    }
    assertThat(remote.open()).isZero();
  }

  /**
   * Closing cancels futures, on which actions depend that close the reader. If the request was
   * still being made, it is cancelled after the reader counts as closed: then closing again does
   * nothing, and the next reader is tried.
   */
  @ParameterizedTest
  @EnumSource
  void anActionOfACancelledFutureCloses(Way way) throws Exception {
    // Code that reads shards may close them, but not the other readers.
    boolean refused;
    do {
      refused = isActionRefused(way);
    } while (!refused && way != Way.SHARDS);
    assertThat(refused).isEqualTo(way != Way.SHARDS);
  }

  private boolean isActionRefused(Way way) throws Exception {
    AtomicReference<AutoCloseable> reader = new AtomicReference<>();
    List<Throwable> refused = Collections.synchronizedList(new ArrayList<>());
    AtomicBoolean closed = new AtomicBoolean();
    HeldRemoteFile remote =
        HeldRemoteFile.of(file)
            .watch(future -> {
              CompletableFuture<?> _ =
                  future.whenComplete((_, thrown) -> {
                    if (thrown instanceof CancellationException) {
                      close(reader.get(), refused);
                      closed.set(true);
                    }
                  });
            });
    Opened opened = opened(way, remote);
    FutureTask<?> reading = start(opened.read);
    remote.awaitOpen(1);
    reader.set(opened.reader);
    opened.reader.close();
    assertThat(failure(reading)).isInstanceOf(IllegalStateException.class);
    assertThat(closed).isTrue();
    assertThat(refused)
        .allMatch(e -> e instanceof IllegalStateException)
        .allMatch(e -> e.getMessage().contains("cannot be used by its own "));
    return !refused.isEmpty();
  }

  private static void close(AutoCloseable reader, List<Throwable> refused) {
    try {
      reader.close();
    } catch (Throwable e) {
      refused.add(e);
    }
  }

  /** A request is made, or repeated, by a thread of the library, and closes the reader. */
  @ParameterizedTest
  @EnumSource
  void aRequestCloses(Way way) throws Exception {
    for (boolean repeated : new boolean[] {false, true}) {
      AtomicReference<AutoCloseable> reader = new AtomicReference<>();
      AtomicReference<Thread> failed = new AtomicReference<>();
      List<Throwable> refused = Collections.synchronizedList(new ArrayList<>());
      CompletableFuture<?> closed = new CompletableFuture<>();
      MemoryRemoteFile remote =
          MemoryRemoteFile.of(file)
              .withFault(request -> {
                if (request.position() < 300_000 || reader.get() == null) {
                  return null;
                }
                if (repeated && failed.compareAndSet(null, Thread.currentThread())) {
                  return new RemoteRequestException("busy", true, null, null);
                }
                close(reader.get(), refused);
                closed.complete(null);
                return null;
              });
      Opened opened = way.open(remote);
      reader.set(opened.reader);
      FutureTask<?> reading = start(opened.read);
      closed.get();
      if (way == Way.RANDOM || way == Way.LOADER) {
        reading.get(); // goes on, because the file must not close its reader
        assertThat(refused)
            .isNotEmpty()
            .allMatch(e -> e instanceof IllegalStateException)
            .allMatch(e -> e.getMessage().contains("cannot be used by its own "));
      } else {
        assertThat(failure(reading)).isInstanceOf(IllegalStateException.class);
      }
      opened.reader.close();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5, 20})
  void anyRequestOfAShardCloses(int closing) throws Exception {
    AtomicReference<AutoCloseable> reader = new AtomicReference<>();
    MemoryRemoteFile remote =
        MemoryRemoteFile.of(file)
            .withFault(request -> {
              if (request.number() == closing) {
                while (reader.get() == null) {
                  Thread.onSpinWait();
                }
                close(reader.get(), new ArrayList<>());
              }
              return null;
            });
    Opened opened = Way.SHARDS.open(remote);
    reader.set(opened.reader);
    FutureTask<?> reading = start(opened.read);
    assertThat(failure(reading)).isInstanceOf(IllegalStateException.class);
    opened.reader.close();
  }
}
