package io.disky.testing;

import io.disky.remote.RemoteRange;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** A remote file in memory whose answers a test holds back. Thread-safe. */
public final class HeldRemoteFile extends MemoryRemoteFile {
  private record Held(CompletableFuture<RemoteRange> future, Runnable answer) {}

  private final List<Held> held = new ArrayList<>();
  private volatile Predicate<Request> holds = _ -> false;
  private volatile Consumer<CompletableFuture<RemoteRange>> watcher = _ -> {};

  private HeldRemoteFile(String name, byte[] bytes) {
    super(name, bytes);
  }

  /** The contents of a local file. */
  public static HeldRemoteFile of(Path file) throws IOException {
    return new HeldRemoteFile("mem://bucket/" + file.getFileName(), Files.readAllBytes(file));
  }

  /** From now on, requests that {@code which} accepts are answered by {@link #answerAll} only. */
  public HeldRemoteFile hold(Predicate<Request> which) {
    holds = which;
    return this;
  }

  /** From now on, {@code action} gets the future of each request that is held back. */
  public HeldRemoteFile watch(Consumer<CompletableFuture<RemoteRange>> action) {
    watcher = action;
    return this;
  }

  @Override
  protected CompletableFuture<RemoteRange> answer(
      Request request, MemorySegment target, Optional<String> wanted) {
    if (!holds.test(request)) {
      return super.answer(request, target, wanted);
    }
    CompletableFuture<RemoteRange> future = new CompletableFuture<>();
    watcher.accept(future);
    Runnable answer = answering(future, () -> super.answer(request, target, wanted));
    synchronized (held) {
      held.add(new Held(future, answer));
      held.notifyAll();
    }
    return future;
  }

  /** Number of requests that were neither answered nor cancelled. */
  public int open() {
    synchronized (held) {
      return (int) held.stream().filter(each -> !each.future.isDone()).count();
    }
  }

  /** Returns when {@code count} requests are held back, or more. */
  public void awaitOpen(int count) throws InterruptedException {
    synchronized (held) {
      while (open() < count) {
        held.wait();
      }
    }
  }

  /** Answers all requests that are held back, except cancelled ones. */
  public void answerAll() {
    List<Held> now;
    synchronized (held) {
      now = List.copyOf(held);
      held.clear();
    }
    now.stream().filter(each -> !each.future.isDone()).forEach(each -> each.answer.run());
  }
}
