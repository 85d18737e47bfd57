package io.disky;

import io.disky.IndexedFiles.Place;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * Visits records that are given by ascending numbers, chunk by chunk. Runs of chunks are decoded
 * ahead by other threads, as far as these are free; the caller decodes what nobody has begun. For
 * one thread.
 */
final class ScatteredRead {
  /** A run ends with the chunk that reaches one of these. */
  private static final long RUN_BYTES = 256 << 10;

  private static final int RUN_CHUNKS = 64;

  /** Takes the records of a chunk that are asked for. */
  interface GroupVisitor<X extends Throwable> {
    void visit(Group group, CachedChunk chunk) throws IOException, X;
  }

  /** The records of one chunk: those from {@code from} to {@code to} of the numbers asked for. */
  record Group(Place place, int from, int to) {}

  private final IndexedFiles files;
  private final long[] records;
  private final int ahead;
  private int next;
  private volatile boolean abandoned;

  /**
   * @param records ascending, and there
   * @param ahead how many runs to decode ahead; 0: none, with no other thread
   */
  ScatteredRead(IndexedFiles files, long[] records, int ahead) {
    this.files = files;
    this.records = records;
    this.ahead = ahead;
  }

  /** Groups whose chunks are decoded together, and then are pinned. */
  private final class Run extends FutureTask<List<CachedChunk>> {
    private final List<Group> groups;

    Run(List<Group> groups) {
      super(() -> pin(groups));
      this.groups = groups;
    }
  }

  private List<CachedChunk> pin(List<Group> groups) throws IOException {
    List<CachedChunk> pinned = new ArrayList<>(groups.size());
    boolean all = false;
    try {
      for (Group group : groups) {
        if (abandoned) {
          break;
        }
        pinned.add(files.pin(group.place()));
      }
      all = true;
      return pinned;
    } finally {
      if (!all) {
        pinned.forEach(files.cache()::unpin);
      }
    }
  }

  /** The next groups; {@code null} if there are no more. */
  private @Nullable Run nextRun() {
    List<Group> groups = new ArrayList<>();
    long bytes = 0;
    while (next < records.length && bytes < RUN_BYTES && groups.size() < RUN_CHUNKS) {
      Place place = files.find(records[next]);
      int from = next;
      while (next < records.length && records[next] < place.end()) {
        next++;
      }
      groups.add(new Group(place, from, next));
      bytes += place.chunk().end() - place.chunk().begin();
    }
    return groups.isEmpty() ? null : new Run(groups);
  }

  /** Visits the groups in order. */
  <X extends Throwable> void forEach(GroupVisitor<X> visitor) throws IOException, X {
    ArrayDeque<Run> runs = new ArrayDeque<>();
    try {
      Run run = nextRun();
      while (run != null) {
        fill(runs);
        visit(run, visitor);
        Run following = runs.poll();
        run = following != null ? following : nextRun();
      }
    } finally {
      abandoned = true;
      runs.forEach(this::release);
    }
  }

  private void fill(ArrayDeque<Run> runs) {
    while (runs.size() < ahead) {
      Run run = nextRun();
      if (run == null) {
        return;
      }
      runs.add(run);
      files.threads().execute(run);
    }
  }

  private <X extends Throwable> void visit(Run run, GroupVisitor<X> visitor) throws IOException, X {
    List<CachedChunk> pinned = pinned(run);
    int done = 0;
    try {
      while (done < pinned.size()) {
        visitor.visit(run.groups.get(done), pinned.get(done));
        files.cache().unpin(pinned.get(done));
        done++;
      }
    } finally {
      pinned.subList(done, pinned.size()).forEach(files.cache()::unpin);
    }
  }

  private static List<CachedChunk> pinned(Run run) throws IOException {
    run.run(); // Does nothing if another thread has begun.
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return run.get();
        } catch (InterruptedException _) {
          interrupted = true;
        } catch (ExecutionException e) {
          throw rethrown(e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static IOException rethrown(@Nullable Throwable cause) {
    return switch (cause) {
      case IOException e -> e;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      case null, default -> throw new IllegalStateException(cause);
    };
  }

  private void release(Run run) {
    try {
      pinned(run).forEach(files.cache()::unpin);
    } catch (IOException | RuntimeException _) {
      // Nobody asked for these any more.
    }
  }
}
