package io.disky.misuse;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/** Threads that perform operations at the same time as the thread of a round. */
final class Rivals implements AutoCloseable {
  private static final int THREADS = 2;

  private final List<Rival> rivals = new ArrayList<>();

  private static final class Rival extends Thread {
    // Guarded by this.
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private boolean busy;
    private boolean ended;

    Rival(int number, long stackSize) {
      super(null, null, "misuse-rival-" + number, stackSize);
      setDaemon(true);
    }

    synchronized void submit(Runnable task) {
      tasks.add(task);
      notifyAll();
    }

    synchronized void end() {
      ended = true;
      notifyAll();
    }

    synchronized void await() {
      boolean interrupted = false;
      while (busy || !tasks.isEmpty()) {
        try {
          wait();
        } catch (InterruptedException _) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void run() {
      for (Runnable task = next(); task != null; task = next()) {
        task.run();
        Thread.interrupted(); // clears an interrupt by the round that ends with this task
        synchronized (this) {
          busy = false;
          notifyAll();
        }
      }
    }

    private synchronized Runnable next() {
      while (tasks.isEmpty() && !ended) {
        try {
          wait();
        } catch (InterruptedException _) {
          // The interrupt came late, when no task was running.
        }
      }
      busy = !tasks.isEmpty();
      return tasks.poll();
    }
  }

  /** Starts the threads with stacks of {@code stackSize} bytes. */
  Rivals(long stackSize) {
    for (int i = 0; i < THREADS; i++) {
      Rival rival = new Rival(i, stackSize);
      rivals.add(rival);
      rival.start();
    }
  }

  /** Runs {@code task}, which must not throw, on one of the threads. */
  void submit(int which, Runnable task) {
    rivals.get(which % THREADS).submit(task);
  }

  /** Runs {@code task} on each thread. */
  void submitToAll(Runnable task) {
    rivals.forEach(rival -> rival.submit(task));
  }

  void interrupt(int which) {
    rivals.get(which % THREADS).interrupt();
  }

  /** Waits until the threads have finished all tasks. */
  void await() {
    rivals.forEach(Rival::await);
  }

  @Override
  public void close() throws InterruptedException {
    for (Rival rival : rivals) {
      rival.end();
      rival.join();
    }
  }
}
