package io.disky.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.disky.MultiThreadedReader;
import io.disky.MultiThreadedReaderOptions;
import io.disky.RandomAccessOptions;
import io.disky.RandomAccessReader;
import io.disky.ReaderOptions;
import io.disky.RecordReader;
import io.disky.Shard;
import io.disky.Shards;
import io.disky.loader.DataLoader;
import io.disky.loader.LoadedBatch;
import io.disky.loader.LoaderOptions;
import io.disky.loader.RecordSource;
import io.disky.testing.MemoryRemoteFile;
import io.disky.testing.SampleFiles;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever goes wrong with requests, nothing is left when the reader is closed. */
@Timeout(60)
class RemoteFailuresTest {
  private static final int RECORDS = 2_000;

  @TempDir private static Path directory;
  private static Path file;

  private final ExecutorService foreign =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().name("foreign").daemon().factory());
  private final RemoteMetrics metrics = new RemoteMetrics();

  @BeforeAll
  static void write() throws IOException {
    file = SampleFiles.smallChunks(directory, RECORDS);
  }

  @AfterEach
  void endForeign() {
    foreign.shutdown();
  }

  /** What happens to a request. */
  enum Failing {
    THROWS,
    THROWS_ERROR,
    RETURNS_NULL,
    FAILS,
    /** Fails with an exception whose methods throw. */
    FAILS_ODDLY,
    IS_BUSY,
    /** Succeeds with bytes, and then fails. */
    COMPLETES_TWICE,
    /** A future whose actions run twice: first with a failure, then with an answer. */
    ANSWERS_TWICE,
    NEVER_COMPLETES,
    /** Cannot be cancelled, and completes when the reader is closed. */
    COMPLETES_AFTER_CLOSE,
    TOO_LONG,
    EMPTY,
    NEGATIVE,
    REPLACED
  }

  /** A file of which some requests go wrong. */
  private final class Failed extends MemoryRemoteFile {
    private final Failing failing;
    private final int from;
    private final List<MemorySegment> targets = new ArrayList<>();
    private final List<Runnable> atEnd = new ArrayList<>();

    Failed(Failing failing, int from) throws IOException {
      super("mem://failing", Files.readAllBytes(file));
      this.failing = failing;
      this.from = from;
    }

    @Override
    protected CompletableFuture<RemoteRange> answer(
        Request request, MemorySegment target, Optional<String> wanted) {
      synchronized (targets) {
        targets.add(target);
      }
      if (request.number() < from) {
        return super.answer(request, target, wanted);
      }
      CompletableFuture<RemoteRange> right =
          failing == Failing.COMPLETES_AFTER_CLOSE
              ? new CompletableFuture<>()
              : super.answer(request, target, wanted);
      CompletableFuture<RemoteRange> future = new CompletableFuture<>();
      return switch (failing) {
        case THROWS -> throw new IllegalStateException("thrown");
        case THROWS_ERROR -> throw new AssertionError("thrown");
        case RETURNS_NULL -> null;
        case FAILS -> {
          fail(future, new RemoteRequestException("denied", false, null, null));
          yield future;
        }
        case FAILS_ODDLY -> {
          fail(future, new OddException());
          yield future;
        }
        case IS_BUSY -> {
          fail(future, new RemoteRequestException("busy", true, Duration.ofMillis(1), null));
          yield future;
        }
        case COMPLETES_TWICE -> {
          foreign.execute(() -> {
            future.complete(right.join());
            future.completeExceptionally(new IOException("late"));
          });
          yield future;
        }
        case ANSWERS_TWICE -> new Twice(right);
        case NEVER_COMPLETES -> future;
        case COMPLETES_AFTER_CLOSE -> {
          CompletableFuture<RemoteRange> stubborn = new Stubborn();
          synchronized (targets) {
            atEnd.add(() -> {
              target.fill((byte) 0xEE); // valid until the future is complete
              stubborn.complete(new RemoteRange(request.position(), 1, 1L << 40, "odd"));
            });
          }
          yield stubborn;
        }
        case TOO_LONG -> wrong(future, right, right.join().length() + 1, right.join().version());
        case EMPTY -> wrong(future, right, 0, right.join().version());
        case NEGATIVE -> wrong(future, right, -1, right.join().version());
        case REPLACED -> wrong(future, right, right.join().length(), "other");
      };
    }

    private void fail(CompletableFuture<RemoteRange> future, Throwable thrown) {
      foreign.execute(() -> future.completeExceptionally(thrown));
    }

    private CompletableFuture<RemoteRange> wrong(
        CompletableFuture<RemoteRange> future,
        CompletableFuture<RemoteRange> right,
        long length,
        String version) {
      RemoteRange range = right.join();
      RemoteRange wrong;
      try {
        wrong = new RemoteRange(range.position(), length, range.fileSize(), version);
      } catch (RuntimeException e) {
        return CompletableFuture.failedFuture(e);
      }
      foreign.execute(() -> future.complete(wrong));
      return future;
    }

    void end() {
      List<Runnable> now;
      synchronized (targets) {
        now = List.copyOf(atEnd);
      }
      now.forEach(Runnable::run);
    }

    boolean hasValidTargets() {
      synchronized (targets) {
        return targets.stream().anyMatch(target -> target.scope().isAlive());
      }
    }
  }

  private static final class OddException extends RemoteRequestException {
    private static final long serialVersionUID = 1;

    OddException() {
      super("odd", true, null, null);
    }

    @Override
    public boolean isRepeatable() {
      throw new UnsupportedOperationException();
    }

    @Override
    public String getMessage() {
      throw new UnsupportedOperationException();
    }
  }

  private final class Twice extends CompletableFuture<RemoteRange> {
    private final CompletableFuture<RemoteRange> answer;

    Twice(CompletableFuture<RemoteRange> answer) {
      this.answer = answer;
    }

    @Override
    public CompletableFuture<RemoteRange> whenComplete(
        BiConsumer<? super RemoteRange, ? super Throwable> action) {
      foreign.execute(() -> {
        action.accept(null, new IOException("first"));
        action.accept(answer.join(), null);
      });
      return this;
    }
  }

  private static final class Stubborn extends CompletableFuture<RemoteRange> {
    @Override
    public boolean cancel(boolean mayInterrupt) {
      return false;
    }
  }

  /** How the file is read completely. */
  enum Way {
    READER {
      @Override
      void read(RemoteFile remote, RemoteOptions options) throws IOException {
        try (RecordReader reader = RecordReader.open(remote, reading(options))) {
          reader.visit(_ -> {});
        }
      }
    },
    PARALLEL_READER {
      @Override
      void read(RemoteFile remote, RemoteOptions options) throws IOException {
        try (RecordReader reader = RecordReader.open(remote, reading(options).withParallelism(2))) {
          reader.visit(_ -> {});
        }
      }
    },
    VERIFY {
      @Override
      void read(RemoteFile remote, RemoteOptions options) throws IOException {
        try (RecordReader reader = RecordReader.open(remote, reading(options))) {
          reader.verify();
        }
      }
    },
    RANDOM {
      @Override
      void read(RemoteFile remote, RemoteOptions options) throws IOException {
        long[] all = new long[RECORDS];
        Arrays.setAll(all, i -> i);
        try (RandomAccessReader reader = RandomAccessReader.open(remote, access(options))) {
          reader.visitAll(all, (_, _) -> {});
        }
      }
    },
    SHARDS {
      @Override
      void read(RemoteFile remote, RemoteOptions options) {
        MultiThreadedReaderOptions shards =
            MultiThreadedReaderOptions.defaults().withReaderOptions(reading(options));
        try (MultiThreadedReader reader =
            MultiThreadedReader.open(
                Shards.from(List.of(Shard.of(remote), Shard.of(remote))), shards)) {
          reader.forEach(_ -> {});
        }
      }
    },
    LOADER {
      @Override
      void read(RemoteFile remote, RemoteOptions options) throws IOException {
        LoaderOptions loading = LoaderOptions.defaults().withWorkers(2).withEpochs(1);
        try (DataLoader loader =
            DataLoader.open(RecordSource.remote(List.of(remote), access(options)), loading)) {
          for (LoadedBatch batch : loader) {
            batch.close();
          }
        }
      }
    };

    abstract void read(RemoteFile remote, RemoteOptions options) throws IOException;

    private static ReaderOptions reading(RemoteOptions options) {
      return ReaderOptions.defaults().withRemote(options);
    }

    private static RandomAccessOptions access(RemoteOptions options) {
      return RandomAccessOptions.defaults()
          .withCacheSize(0)
          .withParallelism(2)
          .withReaderOptions(reading(options));
    }
  }

  /** A file whose name leaves out what differs. */
  private static final class Signed extends MemoryRemoteFile {
    private final String key;

    Signed(String key) throws IOException {
      super("mem://signed", Files.readAllBytes(file));
      this.key = key;
    }

    @Override
    public String cacheKey() {
      return key;
    }
  }

  @Test
  void theCacheKeepsBytesByTheKeyOfTheFile() throws Exception {
    RemoteOptions options =
        RemoteOptions.defaults()
            .withMetrics(metrics)
            .withCache(RemoteCache.open(directory.resolve("keys"), 16 << 20));
    Way.READER.read(new Signed("a"), options);
    await("writing to the cache", () -> metrics.counters.memory() == 0);
    Way.READER.read(new Signed("b"), options);
    assertThat(metrics.cacheHits()).isZero();
    await("writing to the cache", () -> metrics.counters.memory() == 0);
    Way.READER.read(new Signed("a"), options);
    assertThat(metrics.cacheHits()).isPositive();
  }

  static Stream<Object[]> cases() {
    return Stream.of(Failing.values())
        .flatMap(failing -> Stream.of(Way.values()).map(way -> new Object[] {failing, way}));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void nothingIsLeft(Failing failing, Way way) throws Exception {
    RemoteOptions options =
        RemoteOptions.defaults()
            .withRequestSize(64 << 10)
            .withMaxGap(0)
            .withMaxAttempts(2)
            .withMetrics(metrics);
    if (failing != Failing.COMPLETES_TWICE) { // which must succeed, however slow this machine is
      options = options.withTimeout(Duration.ofMillis(20)).withDeadline(Duration.ofMillis(40));
    }
    for (int from : new int[] {0, 1, 4}) {
      boolean cached = from == 4;
      Path blocks = directory.resolve("cache-" + failing + "-" + way);
      RemoteOptions used = cached ? options.withCache(RemoteCache.open(blocks, 16 << 20)) : options;
      Failed remote = new Failed(failing, from);
      if (failing == Failing.COMPLETES_TWICE) {
        way.read(remote, used);
      } else {
        assertThatThrownBy(() -> way.read(remote, used)).isNotInstanceOf(AssertionError.class);
      }
      remote.end();
      await("memory", () -> metrics.counters.memory() == 0);
      await("targets", () -> !remote.hasValidTargets());
      await("threads", () -> threads().isEmpty());
      if (cached) {
        await("files", () -> temporary(blocks).isEmpty());
      }
    }
  }

  private static void await(String what, BooleanSupplier condition) throws InterruptedException {
    for (int i = 0; i < 10_000 && !condition.getAsBoolean(); i++) {
      Thread.sleep(1);
    }
    assertThat(condition.getAsBoolean()).as("%s; threads: %s", what, threads()).isTrue();
  }

  /** The threads of the library. */
  private static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(Thread::isAlive)
        .map(Thread::getName)
        .filter(name -> name.startsWith("disky-"))
        .toList();
  }

  private static List<Path> temporary(Path blocks) {
    try (Stream<Path> all = Files.walk(blocks)) {
      return all.filter(each -> each.toString().endsWith(".tmp")).toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
