package io.disky.testing;

import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** Threads that do the same at once. */
public final class WorkerThreads {
  // The other thread is then not running at all.
  private static final int MOST_SPINS = 10_000;

  private WorkerThreads() {}

  /** What {@code task} throws in each of {@code threads} threads, for those in which it throws. */
  public static List<Throwable> race(int threads, WorkerThread.Task task) throws Exception {
    CyclicBarrier barrier = new CyclicBarrier(threads);
    List<Future<Throwable>> outcomes = new ArrayList<>();
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      for (int i = 0; i < threads; i++) {
        outcomes.add(
            executor.submit(() -> {
              barrier.await();
              return thrownBy(task);
            }));
      }
    }
    List<Throwable> thrown = new ArrayList<>();
    for (Future<Throwable> outcome : outcomes) {
      thrown.add(outcome.get());
    }
    return thrown.stream().filter(Objects::nonNull).toList();
  }

  /**
   * Has two threads do {@code task} with each of {@code inputs}, as exactly at the same time as can
   * be.
   *
   * @return for each input, in how many threads it did not throw
   */
  public static <T> List<Integer> duel(List<T> inputs, Consumer<T> task) throws Exception {
    int[] successes = new int[inputs.size()];
    AtomicInteger arrivals = new AtomicInteger();
    List<Future<boolean[]>> duellists = new ArrayList<>();
    try (ExecutorService executor = Executors.newFixedThreadPool(2)) {
      for (int i = 0; i < 2; i++) {
        duellists.add(executor.submit(() -> duellist(inputs, task, arrivals)));
      }
    }
    for (Future<boolean[]> duellist : duellists) {
      boolean[] succeeded = duellist.get();
      for (int i = 0; i < successes.length; i++) {
        successes[i] += succeeded[i] ? 1 : 0;
      }
    }
    return Arrays.stream(successes).boxed().toList();
  }

  @SuppressWarnings("ThreadPriorityCheck") // Without it the test is as right, but slower.
  private static <T> boolean[] duellist(List<T> inputs, Consumer<T> task, AtomicInteger arrivals) {
    boolean[] succeeded = new boolean[inputs.size()];
    for (int i = 0; i < succeeded.length; i++) {
      arrivals.incrementAndGet();
      for (int spins = 0; arrivals.get() < 2 * (i + 1); spins++) {
        if (spins < MOST_SPINS) {
          Thread.onSpinWait();
        } else {
          Thread.yield();
        }
      }
      int input = i;
      succeeded[i] = thrownBy(() -> task.accept(inputs.get(input))) == null;
    }
    return succeeded;
  }

  /** What {@code task} throws in this thread, or {@code null}. */
  public static Throwable thrownBy(WorkerThread.Task task) {
    return catchThrowable(task::run);
  }

  /** The names of all live threads that begin with {@code prefix}. */
  public static List<String> names(String prefix) {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith(prefix))
        .toList();
  }
}
