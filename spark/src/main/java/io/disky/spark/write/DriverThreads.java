package io.disky.spark.write;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Requests to a file system that the driver makes at the same time, because each takes long. */
final class DriverThreads {
  private static final int THREADS = 16;

  private DriverThreads() {}

  /** A request about one thing. */
  @FunctionalInterface
  interface Request<T> {
    void make(T subject) throws IOException;
  }

  /**
   * Makes a request about each of {@code subjects}. If one fails, the others are made all the same,
   * and the first failure is thrown.
   */
  static <T> void forEach(Collection<T> subjects, Request<T> request) throws IOException {
    if (subjects.isEmpty()) {
      return;
    }
    ExecutorService threads =
        Executors.newFixedThreadPool(
            Math.min(THREADS, subjects.size()),
            Thread.ofPlatform().daemon().name("disky-spark-driver-", 0).factory());
    try {
      List<Future<?>> requests = new ArrayList<>();
      for (T subject : subjects) {
        requests.add(
            threads.submit(() -> {
              request.make(subject);
              return subject;
            }));
      }
      await(requests);
    } finally {
      threads.shutdownNow();
    }
  }

  private static void await(List<Future<?>> requests) throws IOException {
    Exception failure = null;
    for (Future<?> request : requests) {
      try {
        request.get();
      } catch (ExecutionException e) {
        failure = Failures.add(failure, cause(e));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("the query was cancelled");
      }
    }
    if (failure instanceof IOException e) {
      throw e;
    }
    if (failure != null) {
      throw new IOException(failure);
    }
  }

  private static Exception cause(ExecutionException e) {
    return e.getCause() instanceof Exception cause ? cause : e;
  }
}
