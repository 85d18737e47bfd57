package io.disky.misuse;

import io.disky.misuse.Mischief.Kind;
import io.disky.remote.RemoteFile;
import io.disky.remote.RemoteFileChangedException;
import io.disky.remote.RemoteOptions;
import io.disky.remote.RemoteRange;
import io.disky.remote.RemoteRequestException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiConsumer;

/** A remote file that is user code and misbehaves. */
final class HostileRemoteFile implements RemoteFile {
  private static final String VERSION = "1";
  private static final int MOST_STALE = 8;

  private final Round round;
  private final String name;
  private final byte[] bytes;
  private final List<MemorySegment> stale = new ArrayList<>(); // guarded by itself
  private volatile boolean lied;

  HostileRemoteFile(Round round, String name, byte[] bytes) {
    this.round = round;
    this.name = name;
    this.bytes = bytes;
  }

  /** Options with which a request that is never answered does not take long. */
  static RemoteOptions options(Dice dice) {
    return RemoteOptions.defaults()
        .withRequestSize(64 << 10)
        .withMaxRequests(1 + dice.below(4))
        .withMaxMemory(dice.oneIn(2) ? 1 << 20 : 16 << 20)
        .withMaxReadAhead(dice.oneIn(3) ? 0 : Long.MAX_VALUE)
        .withMaxAttempts(1 + dice.below(2))
        .withTimeout(Duration.ofMillis(500))
        .withDeadline(Duration.ofSeconds(1));
  }

  /** Whether it delivered wrong bytes, stated wrong numbers, or did not answer. */
  boolean hasLied() {
    return lied;
  }

  @Override
  public String name() {
    round.mischief().here("name of a remote file");
    return name;
  }

  @Override
  public String cacheKey() {
    round.mischief().here("key of a remote file");
    return name;
  }

  @Override
  public CompletableFuture<RemoteRange> read(
      long position, MemorySegment target, Optional<String> version) {
    round.mischief().here("read of a remote file");
    if (position < 0 || position >= bytes.length || target.byteSize() == 0) {
      if (!lied) {
        round.violate("a request for " + target.byteSize() + " bytes at " + position, null);
      }
      return CompletableFuture.failedFuture(new IOException("beyond the end"));
    }
    return answer(position, target);
  }

  @Override
  public CompletableFuture<RemoteRange> readEnd(MemorySegment target) {
    round.mischief().here("read of the end of a remote file");
    long most = Math.min(bytes.length, target.byteSize());
    // A store need not know where the end begins.
    long length = round.dice().oneIn(2) ? round.dice().below(most + 1) : most;
    return answer(bytes.length - length, target);
  }

  private CompletableFuture<RemoteRange> answer(long position, MemorySegment target) {
    if (round.mischief().does(Kind.LIE) && round.dice().oneIn(6)) {
      lied = true;
      return lie(position, target);
    }
    if (round.hasThreads() && round.dice().oneIn(4)) {
      CompletableFuture<RemoteRange> late = new CompletableFuture<>();
      Thread.ofVirtual().name("disky-late").start(() -> completeLate(late, position, target));
      return late;
    }
    RemoteRange range = copy(position, target);
    keep(target);
    return CompletableFuture.completedFuture(range);
  }

  private void completeLate(
      CompletableFuture<RemoteRange> late, long position, MemorySegment target) {
    try {
      Thread.sleep(1);
      late.complete(copy(position, target));
      keep(target);
    } catch (IllegalStateException | InterruptedException e) { // the target has ended
      late.completeExceptionally(e);
    }
  }

  private RemoteRange copy(long position, MemorySegment target) {
    long length = Math.min(target.byteSize(), bytes.length - position);
    MemorySegment.copy(MemorySegment.ofArray(bytes), position, target, 0, length);
    return new RemoteRange(position, length, bytes.length, VERSION);
  }

  private void keep(MemorySegment target) {
    synchronized (stale) {
      stale.add(target);
      if (stale.size() > MOST_STALE) {
        stale.removeFirst();
      }
    }
  }

  /** Any answer that no store should give. */
  private CompletableFuture<RemoteRange> lie(long position, MemorySegment target) {
    Dice dice = round.dice();
    RemoteRange right = copy(position, target);
    return switch (dice.below(14)) {
      case 0 -> null;
      case 1 -> CompletableFuture.completedFuture(null);
      case 2 -> isSilent() ? new CompletableFuture<>() : CompletableFuture.completedFuture(null);
      case 3 -> isSilent() ? new Stubborn() : CompletableFuture.completedFuture(right);
      case 4 -> {
        target.fill((byte) dice.below(256));
        yield CompletableFuture.completedFuture(right);
      }
      case 5 -> {
        CompletableFuture<RemoteRange> twice = CompletableFuture.completedFuture(right);
        twice.obtrudeValue(wrong(right, target));
        yield twice;
      }
      case 6 -> {
        CompletableFuture<RemoteRange> twice = CompletableFuture.completedFuture(right);
        twice.obtrudeException(new Planted.Fatal());
        yield twice;
      }
      case 7 -> CompletableFuture.failedFuture(failure(dice));
      case 8 -> new Unwatchable();
      case 9 -> {
        writeToEarlierTargets();
        yield CompletableFuture.completedFuture(right);
      }
      default -> CompletableFuture.completedFuture(wrong(right, target));
    };
  }

  /** Rarely, because the library then waits. */
  private boolean isSilent() {
    return round.dice().oneIn(8);
  }

  private static Throwable failure(Dice dice) {
    return switch (dice.below(8)) {
      case 0 -> new Planted.Io();
      case 1 -> new Planted.Unchecked();
      case 2 -> new Planted.Memory();
      case 3 -> new CompletionException(null);
      case 4 -> new RemoteFileChangedException("planted");
      case 5 -> new RemoteRequestException("planted", true, Duration.ofDays(-1), null);
      case 6 ->
          new RemoteRequestException("planted", true, Duration.ofSeconds(Long.MAX_VALUE), null);
      default -> new RemoteRequestException("planted", dice.oneIn(2), null, null);
    };
  }

  /** A range with one value that is wrong; the right one if it would not be a range. */
  private RemoteRange wrong(RemoteRange right, MemorySegment target) {
    Dice dice = round.dice();
    try {
      return switch (dice.below(7)) {
        case 0 -> range(dice.near(right.position()), right.length(), right.fileSize(), VERSION);
        case 1 -> range(right.position(), dice.near(right.length()), right.fileSize(), VERSION);
        case 2 -> range(right.position(), right.length(), dice.near(right.fileSize()), VERSION);
        case 3 -> range(0, target.byteSize() + 1 + dice.below(1L << 40), Long.MAX_VALUE, VERSION);
        case 4 -> range(right.position(), right.length(), right.fileSize(), "2");
        case 5 -> {
          long length = target.byteSize() + 1 + dice.below(3);
          yield range(right.position(), length, right.position() + length, VERSION);
        }
        default -> range(right.position(), 0, right.fileSize(), VERSION);
      };
    } catch (IllegalArgumentException _) {
      return right;
    }
  }

  private static RemoteRange range(long position, long length, long size, String version) {
    return new RemoteRange(position, length, size, version);
  }

  private void writeToEarlierTargets() {
    List<MemorySegment> earlier;
    synchronized (stale) {
      earlier = List.copyOf(stale);
    }
    for (MemorySegment target : earlier) {
      try {
        target.fill((byte) 7);
      } catch (IllegalStateException _) {
        // The target has ended, as it should.
      }
    }
  }

  /** Checks that no target can be used after the reader was closed. */
  void end() {
    synchronized (stale) {
      for (MemorySegment target : stale) {
        if (target.scope().isAlive()) {
          round.violate("the target of a request is still there after the reader is closed", null);
        }
      }
    }
  }

  /** A future that cannot be cancelled. */
  private static final class Stubborn extends CompletableFuture<RemoteRange> {
    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
      return false;
    }
  }

  /** A future whose methods throw. */
  private static final class Unwatchable extends CompletableFuture<RemoteRange> {
    @Override
    public CompletableFuture<RemoteRange> whenComplete(
        BiConsumer<? super RemoteRange, ? super Throwable> action) {
      throw new Planted.Unchecked();
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
      throw new Planted.Unchecked();
    }
  }
}
