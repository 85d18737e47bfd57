package io.disky.cli;

import io.disky.RecordBatch;
import io.disky.RecordPosition;
import io.disky.RecordReader;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/** Selects records of files; several threads search chunks, and the results are in order. */
final class SelectedRecords implements AutoCloseable {
  private final RecordMatcher matcher;
  private final boolean inverted;
  private final boolean keep;
  private final int threads;
  private final @Nullable ExecutorService executor;

  /**
   * Begins without files.
   *
   * @param inverted whether the records are selected that do not match
   * @param keep whether to copy the selected records, so that they can be taken
   * @param threads number of threads that search; 0 for the calling thread
   */
  SelectedRecords(RecordMatcher matcher, boolean inverted, boolean keep, int threads) {
    this.matcher = matcher;
    this.inverted = inverted;
    this.keep = keep;
    this.threads = threads;
    this.executor =
        threads == 0
            ? null
            : Executors.newFixedThreadPool(
                threads, Thread.ofPlatform().daemon().name("disky-search-", 1).factory());
  }

  /**
   * A selected record.
   *
   * @param bytes a copy of it; empty if records are not kept
   */
  record Selected(RecordPosition position, byte[] bytes) {}

  /** Takes selected records. */
  @FunctionalInterface
  interface Taker {
    /** Takes a record; returns false to stop. */
    boolean take(Selected record) throws IOException;
  }

  /** Passes the selected records of {@code reader} to {@code taker}, in order. */
  void forEach(RecordReader reader, Taker taker, Progress progress) throws IOException {
    Deque<FutureTask<List<Selected>>> ahead = new ArrayDeque<>();
    IOException failure = null;
    boolean more = true;
    try {
      while (more || !ahead.isEmpty()) {
        try {
          more = more && begin(reader, ahead, progress);
        } catch (IOException e) {
          failure = e; // thrown after the records before it were taken
          more = false;
        }
        if (ahead.size() > (more ? 2 * threads : 0) && !takeAll(ahead.removeFirst(), taker)) {
          return;
        }
      }
    } finally {
      ahead.forEach(SelectedRecords::await);
    }
    if (failure != null) {
      throw failure;
    }
  }

  private static boolean takeAll(FutureTask<List<Selected>> task, Taker taker) throws IOException {
    for (Selected selected : result(task)) {
      if (!taker.take(selected)) {
        return false;
      }
    }
    return true;
  }

  /** Begins to search the next chunk; returns false if there is none. */
  private boolean begin(
      RecordReader reader, Deque<FutureTask<List<Selected>>> ahead, Progress progress)
      throws IOException {
    RecordBatch batch = reader.nextBatch();
    if (batch == null) {
      return false;
    }
    progress.stepTo(batch.chunkBegin());
    FutureTask<List<Selected>> task = new FutureTask<>(() -> search(batch));
    ahead.addLast(task);
    if (executor == null) {
      task.run();
    } else {
      executor.execute(task);
    }
    return true;
  }

  private List<Selected> search(RecordBatch batch) throws IOException {
    try (batch) {
      List<Selected> selected = new ArrayList<>();
      for (int i = 0; i < batch.recordCount(); i++) {
        MemorySegment record = batch.get(i);
        if (matcher.matches(record) != inverted) {
          byte[] bytes = keep ? RecordBytes.of(record, 0, record.byteSize()) : new byte[0];
          selected.add(new Selected(new RecordPosition(batch.chunkBegin(), i), bytes));
        }
      }
      return selected;
    }
  }

  private static <T> T result(Future<T> task) throws IOException {
    try {
      return task.get();
    } catch (ExecutionException e) {
      throw TaskFailure.of(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException interrupted = new InterruptedIOException("interrupted in a search");
      interrupted.initCause(e);
      throw interrupted;
    }
  }

  /** Waits until a task does not use its batch any more. */
  private static void await(FutureTask<?> task) {
    try {
      task.get();
    } catch (ExecutionException e) {
      // Another failure is thrown already, or nobody wants the result.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    if (executor != null) {
      executor.shutdown();
      executor.close();
    }
  }
}
