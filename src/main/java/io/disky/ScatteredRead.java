package io.disky;

import io.disky.IndexedFiles.Place;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Visits records that are given by ascending numbers, chunk by chunk. Runs of chunks are decoded
 * ahead by other threads, as far as these are free and memory allows; the caller decodes the rest,
 * chunk by chunk. For one thread.
 */
final class ScatteredRead {
  /** A run ends with the chunk that reaches one of these: in the file, and decoded, in bytes. */
  private static final long RUN_BYTES = 256 << 10;

  private static final double RUN_DECODED = 4 << 20;
  private static final int RUN_CHUNKS = 64;

  /**
   * Of what an index says only the mean is kept, so a run may turn out to be larger: what is
   * decoded of it ahead ends with the chunk that reaches this, in bytes.
   */
  private static final long MOST_RUN_DECODED = 16 << 20;

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

  /** Groups whose chunks may be decoded together, ahead of their turn. */
  private final class Run implements Runnable {
    private final List<Group> groups;
    private final AtomicBoolean begun = new AtomicBoolean();
    private final CompletableFuture<Ahead> decoded = new CompletableFuture<>();

    Run(List<Group> groups) {
      this.groups = groups;
    }

    @Override
    public void run() {
      if (begun.compareAndSet(false, true)) {
        Ahead ahead = new Ahead();
        try {
          ahead.decode(groups);
        } finally {
          decoded.complete(ahead);
        }
      }
    }

    /** What another thread has decoded, once that is done: nothing if none has begun. */
    Ahead take() {
      return begun.compareAndSet(false, true) ? new Ahead() : decoded.join();
    }
  }

  /** Chunks of the first groups of a run, pinned. For one thread at a time. */
  private final class Ahead {
    private final ArrayDeque<CachedChunk> chunks = new ArrayDeque<>();

    void decode(List<Group> groups) {
      long bytes = 0;
      for (Group group : groups) {
        if (abandoned || bytes >= MOST_RUN_DECODED || !decode(group)) {
          return;
        }
        bytes += chunks.getLast().memorySize();
      }
    }

    /** {@code false} if this chunk is better left to the caller. */
    private boolean decode(Group group) {
      long most = group.place().file().index().largestDecodedSize();
      if (!files.reserveAhead(most)) {
        return false;
      }
      long taken = 0;
      try {
        CachedChunk chunk = files.pin(group.place());
        chunks.add(chunk);
        taken = chunk.memorySize();
        return true;
      } catch (IOException | RuntimeException | OutOfMemoryError _) {
        // The caller meets it when it is this chunk's turn, if it still is there.
        return false;
      } finally {
        files.releaseAhead(most - taken);
      }
    }

    /** The next group's chunk, whose pin is the caller's; {@code null} if it is not decoded. */
    @Nullable CachedChunk poll() {
      CachedChunk chunk = chunks.poll();
      if (chunk != null) {
        files.releaseAhead(chunk.memorySize());
      }
      return chunk;
    }

    void release() {
      for (CachedChunk chunk = poll(); chunk != null; chunk = poll()) {
        files.cache().unpin(chunk);
      }
    }
  }

  /** The next groups; {@code null} if there are no more. */
  private @Nullable Run nextRun() {
    List<Group> groups = new ArrayList<>();
    long bytes = 0;
    double decoded = 0;
    while (next < records.length
        && bytes < RUN_BYTES
        && decoded < RUN_DECODED
        && groups.size() < RUN_CHUNKS) {
      Place place = files.find(records[next]);
      int from = next;
      while (next < records.length && records[next] < place.end()) {
        next++;
      }
      groups.add(new Group(place, from, next));
      bytes += place.chunk().end() - place.chunk().begin();
      decoded += place.file().index().meanDecodedSize();
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
      runs.forEach(run -> run.take().release());
    }
  }

  private void fill(ArrayDeque<Run> runs) {
    while (runs.size() < ahead) {
      Run run = nextRun();
      if (run == null) {
        return;
      }
      runs.add(run);
      try {
        files.threads().execute(run);
      } catch (OutOfMemoryError _) {
        // There is no thread for it: the caller decodes it when its turn comes.
        return;
      }
    }
  }

  private <X extends Throwable> void visit(Run run, GroupVisitor<X> visitor) throws IOException, X {
    Ahead decoded = run.take();
    try {
      for (Group group : run.groups) {
        CachedChunk ready = decoded.poll();
        CachedChunk chunk = ready != null ? ready : files.pin(group.place());
        try {
          visitor.visit(group, chunk);
        } finally {
          files.cache().unpin(chunk);
        }
      }
    } finally {
      decoded.release();
    }
  }
}
