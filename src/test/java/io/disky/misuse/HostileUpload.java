package io.disky.misuse;

import io.disky.misuse.Mischief.Kind;
import io.disky.remote.RemoteRequestException;
import io.disky.remote.RemoteUpload;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** An upload that is user code and misbehaves. */
final class HostileUpload implements RemoteUpload {
  private final Round round;
  private final int partSize;
  private final Map<Integer, byte[]> parts = new TreeMap<>(); // guarded by itself
  private final AtomicLong interruptions = new AtomicLong();
  private volatile byte @Nullable [] complete;
  private volatile boolean aborted;
  private volatile boolean lied;

  HostileUpload(Round round) {
    this.round = round;
    this.partSize = 1 + round.dice().below(3_000);
  }

  /** The file; {@code null} if it has not appeared. */
  byte @Nullable [] bytes() {
    return complete;
  }

  boolean hasLied() {
    return lied;
  }

  /** How often it threw, or may have thrown, an exception. */
  long interruptions() {
    return interruptions.get();
  }

  private void misbehave(String where) {
    round.mischief().here(where, interruptions);
  }

  private boolean lies() {
    boolean now = round.mischief().does(Kind.LIE) && round.dice().oneIn(4);
    lied |= now;
    return now;
  }

  @Override
  public String name() {
    misbehave("name of an upload");
    return "hostile upload";
  }

  @Override
  public long partSize(int part) {
    misbehave("size of a part");
    return lies() ? round.dice().near((long) partSize) : partSize;
  }

  @Override
  public int maxParts() {
    misbehave("number of parts");
    return lies() ? round.dice().near(3) : 1 + partSize % 4;
  }

  @Override
  public CompletableFuture<Void> send(int part, MemorySegment bytes) {
    misbehave("send of a part");
    if (lies()) {
      return lie();
    }
    byte[] copy = bytes.toArray(ValueLayout.JAVA_BYTE);
    if (copy.length == 0 || (copy.length > partSize && !lied)) {
      round.violate("part " + part + " has " + copy.length + " bytes", null);
    }
    synchronized (parts) {
      parts.put(part, copy);
    }
    return CompletableFuture.completedFuture(null);
  }

  private CompletableFuture<Void> lie() {
    Dice dice = round.dice();
    return switch (dice.below(6)) {
      case 0 -> null;
      case 1 -> // never complete, but rarely, because the library then waits
          dice.oneIn(8) ? new CompletableFuture<>() : CompletableFuture.completedFuture(null);
      case 2 -> {
        CompletableFuture<Void> twice = CompletableFuture.completedFuture(null);
        twice.obtrudeException(new Planted.Fatal());
        yield twice;
      }
      case 3 -> CompletableFuture.failedFuture(new Planted.Memory());
      case 4 ->
          CompletableFuture.failedFuture(
              new RemoteRequestException("planted", true, Duration.ofDays(-1), null));
      default -> CompletableFuture.completedFuture(null);
    };
  }

  @Override
  public CompletableFuture<Void> complete() {
    misbehave("completion of an upload");
    if (lies()) {
      return lie();
    }
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    synchronized (parts) {
      parts.values().forEach(all::writeBytes);
    }
    complete = all.toByteArray();
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletableFuture<Void> abort() {
    aborted = true;
    misbehave("abortion of an upload");
    return lies() ? lie() : CompletableFuture.completedFuture(null);
  }

  /** Checks that the closed writer has completed or aborted the upload. */
  void end() {
    if (complete == null && !aborted && !lied && interruptions.get() == 0) {
      round.violate("the writer is closed and its upload is neither complete nor aborted", null);
    }
  }
}
