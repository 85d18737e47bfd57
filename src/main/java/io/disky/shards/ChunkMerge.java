package io.disky.shards;

import io.disky.writing.ChunkBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Copies the records of many small chunks to a few large chunks. */
public final class ChunkMerge {
  private final Supplier<ChunkBuffer> empty;
  private final List<ChunkTask> merged = new ArrayList<>();
  private @Nullable ChunkTask current;

  private ChunkMerge(Supplier<ChunkBuffer> empty) {
    this.empty = empty;
  }

  /**
   * Returns the same records in chunks of which all but the last one are full.
   *
   * @param unused gets the chunks that were copied
   */
  public static List<ChunkTask> merge(
      List<ChunkTask> tasks, Supplier<ChunkBuffer> empty, Consumer<ChunkBuffer> unused) {
    if (tasks.size() < 2) {
      return tasks;
    }
    ChunkMerge merge = new ChunkMerge(empty);
    for (ChunkTask task : tasks) {
      merge.add(task);
      task.chunk().clear(0);
      unused.accept(task.chunk());
    }
    return merge.merged;
  }

  private void add(ChunkTask task) {
    List<CompletableFuture<Void>> parts = new ArrayList<>();
    ChunkBuffer chunk = task.chunk();
    long moved = 0;
    while (moved < chunk.count()) {
      ChunkTask next = current();
      long fitted = next.chunk().addFrom(chunk, moved);
      if (fitted > 0 && next.written() != null) {
        parts.add(next.written());
      }
      moved += fitted;
      if (moved < chunk.count()) {
        current = null;
      }
    }
    tie(parts, task.written());
  }

  private ChunkTask current() {
    ChunkTask task = current;
    if (task == null) {
      task = new ChunkTask(empty.get(), new CompletableFuture<>());
      merged.add(task);
      current = task;
    }
    return task;
  }

  /** Completes {@code whole} after all {@code parts} are complete. */
  private static void tie(
      List<CompletableFuture<Void>> parts, @Nullable CompletableFuture<Void> whole) {
    if (whole == null) {
      return;
    }
    CompletableFuture<Void> _ =
        CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new))
            .whenComplete((_, problem) -> {
              if (problem == null) {
                whole.complete(null);
              } else {
                whole.completeExceptionally(
                    problem.getCause() == null ? problem : problem.getCause());
              }
            });
  }
}
