package io.disky.threads;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class ExecutorThreadsTest {
  private static final int LINGERING_MILLIS = 50;

  private final ExecutorThreads threads = new ExecutorThreads("disky-test");
  private final List<Thread> started = new CopyOnWriteArrayList<>();

  /** Has threads that live on for a while when the executor says that it is terminated. */
  private ExecutorService lingering(CountDownLatch terminated) {
    return Executors.newFixedThreadPool(
        2,
        work -> {
          Thread thread =
              threads.newThread(() -> {
                work.run();
                linger(terminated);
              });
          started.add(thread);
          return thread;
        });
  }

  private static void linger(CountDownLatch latch) {
    boolean done = false;
    while (!done) {
      try {
        latch.await();
        Thread.sleep(LINGERING_MILLIS);
        done = true;
      } catch (InterruptedException _) {
        // Once more.
      }
    }
  }

  @Test
  void noThreadIsLeft() throws Exception {
    CountDownLatch terminated = new CountDownLatch(1);
    ExecutorService executor = lingering(terminated);
    executor.submit(() -> {}).get();
    executor.submit(() -> {}).get();
    Thread other =
        Thread.ofPlatform()
            .start(() -> {
              while (!executor.isTerminated()) {
                Thread.onSpinWait();
              }
              terminated.countDown();
            });
    threads.end(executor);
    assertThat(started).hasSize(2).noneMatch(Thread::isAlive);
    other.join();
  }

  @Test
  void threadsAreDaemonsWithNames() {
    Thread thread = threads.newThread(() -> {});
    assertThat(thread.isDaemon()).isTrue();
    assertThat(thread.getName()).isEqualTo("disky-test-1");
  }
}
