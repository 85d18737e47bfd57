package io.disky.testing;

import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;

/** Another thread, always the same, that does what it is told while the caller waits. */
public final class WorkerThread implements AutoCloseable {
  /** A task without a result. */
  public interface Task {
    void run() throws Exception;
  }

  private final ExecutorService executor;

  public WorkerThread() {
    this(Thread.ofPlatform().factory());
  }

  private WorkerThread(ThreadFactory factory) {
    executor = Executors.newSingleThreadExecutor(factory);
  }

  public static WorkerThread virtual() {
    return new WorkerThread(Thread.ofVirtual().factory());
  }

  public <T> T call(Callable<T> task) throws Exception {
    try {
      return executor.submit(task).get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Exception exception) {
        throw exception;
      }
      throw e;
    }
  }

  public void run(Task task) throws Exception {
    call(() -> {
      task.run();
      return true;
    });
  }

  /** What {@code task} throws, or {@code null}. */
  public Throwable thrownBy(Task task) {
    try {
      return call(() -> catchThrowable(task::run));
    } catch (Exception e) {
      throw new AssertionError("the other thread was not waited for", e);
    }
  }

  @Override
  public void close() {
    executor.close();
  }
}
