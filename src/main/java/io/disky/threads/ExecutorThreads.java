package io.disky.threads;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadFactory;

/**
 * Daemon threads of an executor. An executor counts as terminated a moment before its last threads
 * end: {@link #end} waits for these threads, too. Thread-safe.
 */
public final class ExecutorThreads implements ThreadFactory {
  private final ThreadFactory factory;
  private final List<Thread> threads = new CopyOnWriteArrayList<>();

  /**
   * @param name what the names of the threads begin with
   */
  public ExecutorThreads(String name) {
    factory = Thread.ofPlatform().daemon().name(name + "-", 1).factory();
  }

  @Override
  public Thread newThread(Runnable work) {
    Thread thread = factory.newThread(work);
    threads.removeIf(former -> former.getState() == Thread.State.TERMINATED);
    threads.add(thread);
    return thread;
  }

  /** Whether the current thread is one of these threads, so that it must not wait for them. */
  public boolean areCurrent() {
    return threads.contains(Thread.currentThread());
  }

  /**
   * Shuts down {@code executor}; waits for the tasks that are running, and for the ends of the
   * threads.
   */
  public void end(ExecutorService executor) {
    executor.shutdownNow();
    executor.close();
    WorkerPool.join(threads);
  }
}
