package io.disky.threads;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Daemon threads that do one kind of work until it ends. They are started when they are needed, so
 * small files start none. Thread-safe.
 */
public final class WorkerPool {
  private final String name;
  private final int most;
  private final Runnable work;
  private final ReentrantLock starting = new ReentrantLock();
  private final List<Thread> threads = new CopyOnWriteArrayList<>();

  /**
   * @param name what the names of the threads begin with
   * @param most how many threads there can be
   * @param work the work of each thread; must not refer to an object that ends the threads when it
   *     is forgotten
   */
  public WorkerPool(String name, int most, Runnable work) {
    this.name = name;
    this.most = most;
    this.work = work;
  }

  /**
   * Starts one more thread, unless the pool has its largest number of threads. If the thread cannot
   * be started, this throws only if the pool has no thread.
   */
  public void startOne() {
    if (threads.size() == most) {
      return;
    }
    starting.lock();
    try {
      if (threads.size() < most) {
        threads.add(start());
      }
    } catch (Throwable e) {
      if (threads.isEmpty()) {
        throw e;
      }
    } finally {
      starting.unlock();
    }
  }

  private Thread start() {
    Thread worker = new Worker(name + "-" + threads.size(), work);
    worker.setDaemon(true);
    worker.start();
    return worker;
  }

  private static final class Worker extends Thread {
    Worker(String name, Runnable work) {
      super(null, work, name, 0, false);
    }
  }

  /**
   * Returns whether {@code thread} belongs to a worker pool. This is faster than a search in the
   * pool.
   */
  public static boolean isWorker(Thread thread) {
    return thread instanceof Worker;
  }

  /** Returns when all threads have ended; an interrupt is kept for later. */
  public void join() {
    join(threads);
  }

  /** Returns when {@code threads} have ended; an interrupt is kept for later. */
  public static void join(Iterable<Thread> threads) {
    boolean interrupted = false;
    for (Thread thread : threads) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
