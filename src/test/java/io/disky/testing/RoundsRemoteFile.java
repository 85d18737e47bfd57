package io.disky.testing;

import io.disky.remote.RemoteRange;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;

/**
 * A remote file in memory that answers in rounds: when all threads of the reader wait, all requests
 * that were made so far are answered. So the number of rounds is the time that reading would take
 * with requests of equal latency, whatever the speed of this machine.
 */
public final class RoundsRemoteFile extends MemoryRemoteFile {
  /** So often in a row all threads must be found waiting. */
  private static final int SURE = 5;

  private record Pending(CompletableFuture<RemoteRange> future, Runnable answer) {}

  private final List<Pending> pending = new ArrayList<>();
  private volatile boolean immediate = true;
  private int rounds;
  private int largest;

  public RoundsRemoteFile(String name, byte[] bytes) {
    super(name, bytes);
  }

  @Override
  protected CompletableFuture<RemoteRange> answer(
      Request request, MemorySegment target, Optional<String> wanted) {
    if (immediate) {
      return super.answer(request, target, wanted);
    }
    CompletableFuture<RemoteRange> future = new CompletableFuture<>();
    Runnable answer = answering(future, () -> super.answer(request, target, wanted));
    synchronized (pending) {
      pending.add(new Pending(future, answer));
    }
    return future;
  }

  /** Number of rounds of the last call of {@link #run}. */
  public int rounds() {
    return rounds;
  }

  /** The largest number of requests of a round. */
  public int largestRound() {
    return largest;
  }

  /** Runs {@code work} in another thread, and answers its requests in rounds. */
  public <T> T run(Callable<T> work) throws Exception {
    rounds = 0;
    largest = 0;
    immediate = false;
    FutureTask<T> task = new FutureTask<>(work);
    Thread thread = Thread.ofPlatform().name("disky-rounds").start(task);
    int waiting = 0;
    while (thread.isAlive()) {
      waiting = allWait() ? waiting + 1 : 0;
      if (waiting == SURE) {
        waiting = 0;
        answerAll();
      } else {
        Thread.sleep(0, 100_000);
      }
    }
    immediate = true;
    answerAll();
    return task.get();
  }

  private void answerAll() {
    List<Pending> now;
    synchronized (pending) {
      now = List.copyOf(pending);
      pending.clear();
    }
    if (!now.isEmpty()) {
      rounds++;
      largest = Math.max(largest, now.size());
    }
    now.stream().filter(each -> !each.future.isDone()).forEach(each -> each.answer.run());
  }

  private static boolean allWait() {
    ThreadGroup all = Thread.currentThread().getThreadGroup();
    while (all.getParent() != null) {
      all = all.getParent();
    }
    Thread[] threads = new Thread[2 * all.activeCount() + 16];
    int count = all.enumerate(threads);
    for (int i = 0; i < count; i++) {
      boolean waits =
          switch (threads[i].getState()) {
            case WAITING, TIMED_WAITING, TERMINATED -> true;
            default -> false;
          };
      if (threads[i].getName().startsWith("disky-") && !waits) {
        return false;
      }
    }
    return true;
  }
}
