package io.disky;

import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Threads that do the same at once. */
final class WorkerThreads {
  private WorkerThreads() {}

  /** What {@code task} throws in each of {@code threads} threads, for those in which it throws. */
  static List<Throwable> race(int threads, WorkerThread.Task task) throws Exception {
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

  /** What {@code task} throws in this thread, or {@code null}. */
  static Throwable thrownBy(WorkerThread.Task task) {
    return catchThrowable(task::run);
  }
}
