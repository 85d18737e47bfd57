package io.disky.random;

import io.disky.engine.ChunkListing;
import io.disky.engine.EngineException;
import io.disky.engine.NativeReader;
import io.disky.engine.NativeReader.Nearest;
import io.disky.reading.Notices;
import io.disky.reading.OperationProgress;
import io.disky.threads.ExecutorThreads;
import io.disky.threads.Interruption;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Makes the index of a file from its chunk headers. Several threads walk through parts of a large
 * file at once, because most of the time is spent waiting for the disk, one small read after the
 * other. If the parts do not join, or the walk through a part fails, one walk through the complete
 * file decides.
 *
 * <p>In a remote file each header is a request. As many threads walk as there may be requests at a
 * time. If chunks are small, one walk reads the complete file in order with large requests, which
 * takes fewer rounds and not many more bytes.
 */
public final class IndexWalk {
  private static final int LISTED_AT_ONCE = 1024;
  private static final int MOST_THREADS = 16;
  private static final int PARTS_PER_THREAD = 4;

  /** The smallest part of a file that is worth a walk of its own, in bytes. */
  public static final long MIN_PART = 64 << 20;

  /** The smallest part of a remote file that is worth a walk of its own, in bytes. */
  private static final long MIN_REMOTE_PART = 4 << 20;

  /** The mean size in bytes below which the chunks of a remote file are small. */
  private static final long SMALL_CHUNK = 512 << 10;

  private static final int SAMPLE = 16;

  private final NativeReader engine;
  private final long fileSize;

  private final OperationProgress progress;

  private IndexWalk(NativeReader engine, long fileSize, OperationProgress progress) {
    this.engine = engine;
    this.fileSize = fileSize;
    this.progress = progress;
  }

  /**
   * The index of the file that {@code engine} reads.
   *
   * @param minPart the smallest part of the file that has a walk of its own, in bytes
   */
  static ChunkIndex index(
      NativeReader engine, long fileSize, long minPart, OperationProgress progress)
      throws EngineException, InterruptedIOException {
    long parts = Math.min(fileSize / minPart, (long) MOST_THREADS * PARTS_PER_THREAD);
    return new IndexWalk(engine, fileSize, progress).index(parts, MOST_THREADS, engine);
  }

  /** The index of the remote file that {@code engine} reads. */
  static ChunkIndex index(
      NativeReader engine, long fileSize, RemoteBytes remote, OperationProgress progress)
      throws EngineException, InterruptedIOException {
    IndexWalk walk = new IndexWalk(engine, fileSize, progress);
    int threads = remote.file().maxRequests();
    long parts = Math.min(fileSize / MIN_REMOTE_PART, threads);
    NativeReader inOrder = engine.share(remote.inOrder());
    try {
      ChunkIndex index = walk.index(walk.hasSmallChunks() ? 1 : parts, threads, inOrder);
      Notices.log(engine.name(), inOrder);
      return index;
    } finally {
      inOrder.close();
    }
  }

  private boolean hasSmallChunks() {
    try (ChunkListing listing = new ChunkListing(SAMPLE)) {
      if (fileSize > 0) {
        engine.list(listing, 0, SAMPLE * SMALL_CHUNK);
      }
      return listing.count() > 0 && listing.next() / listing.count() < SMALL_CHUNK;
    } catch (EngineException e) {
      return true; // The walk in order reports the failure.
    }
  }

  /**
   * The index, made from parts of the file.
   *
   * @param threads the largest number of threads
   * @param inOrder reads the complete file if it is not read in parts
   */
  private ChunkIndex index(long parts, int threads, NativeReader inOrder)
      throws EngineException, InterruptedIOException {
    if (parts > 1) {
      ChunkIndex index = indexInParts((int) parts, threads);
      if (index != null) {
        return index;
      }
    }
    progress.begin();
    Part whole = new Part(0, Long.MAX_VALUE, progress);
    whole.walk(inOrder, 0);
    return whole.chunks.build(fileSize);
  }

  /** A part of the file, and the chunks that begin in it. */
  private static final class Part {
    private final long from;
    private final long limit;
    private final ChunkIndex.Builder chunks = new ChunkIndex.Builder();

    /** Where the first chunk of the part begins, of any type. */
    private long begin;

    /** Where the first chunk of the next part must begin. */
    private long next;

    private final OperationProgress progress;

    Part(long from, long limit, OperationProgress progress) {
      this.from = from;
      this.limit = limit;
      this.progress = progress;
    }

    void walk(NativeReader engine, long chunkBegin) throws EngineException, InterruptedIOException {
      long size = engine.fileSize();
      begin = chunkBegin;
      next = chunkBegin;
      try (ChunkListing listing = new ChunkListing(LISTED_AT_ONCE)) {
        while (next < limit && next < size) {
          if (Thread.currentThread().isInterrupted()) {
            throw Interruption.exception(engine.name(), "listing its chunks", null);
          }
          engine.list(listing, next, limit);
          progress.add(listing.next() - next);
          next = listing.next();
          add(listing);
        }
      }
    }

    private void add(ChunkListing listing) {
      for (long i = 0; i < listing.count(); i++) {
        if (!chunks.add(listing.begin(i), listing.records(i), listing.decodedDataSize(i))) {
          throw new IllegalStateException("the engine listed chunks out of order");
        }
      }
    }
  }

  private @Nullable ChunkIndex indexInParts(int count, int most)
      throws EngineException, InterruptedIOException {
    List<NativeReader> engines = new ArrayList<>();
    ExecutorThreads factory = new ExecutorThreads("disky-index");
    ExecutorService threads = Executors.newFixedThreadPool(Math.min(count, most), factory);
    try {
      List<Future<Part>> walks = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        Part part = part(i, count);
        NativeReader shared = engine.share();
        engines.add(shared);
        walks.add(threads.submit(() -> walk(part, shared)));
      }
      return join(walks);
    } finally {
      factory.end(threads);
      engines.forEach(NativeReader::close);
    }
  }

  private Part part(int number, int count) {
    long size = fileSize / count;
    return new Part(
        number * size,
        number == count - 1 ? Long.MAX_VALUE : Math.multiplyExact(number + 1L, size),
        progress);
  }

  private static Part walk(Part part, NativeReader engine)
      throws EngineException, InterruptedIOException {
    NativeReader.Extent first =
        part.from == 0 ? null : engine.findChunk(part.from, Nearest.AT_OR_AFTER);
    if (part.from == 0) {
      part.walk(engine, 0);
    } else if (first == null || first.begin() >= part.limit) {
      part.begin = first == null ? Long.MAX_VALUE : first.begin();
      part.next = part.begin;
    } else {
      part.walk(engine, first.begin());
    }
    return part;
  }

  /** The index of all parts; {@code null} if they do not join. */
  private @Nullable ChunkIndex join(List<Future<Part>> walks) throws InterruptedIOException {
    ChunkIndex.Builder builder = new ChunkIndex.Builder();
    long next = 0;
    for (Future<Part> walk : walks) {
      Part part;
      try {
        part = walk.get();
      } catch (ExecutionException _) {
        return null;
      } catch (InterruptedException e) {
        throw Interruption.exception(engine.name(), "listing its chunks", e);
      }
      boolean atEnd = part.begin == Long.MAX_VALUE && next >= fileSize;
      if ((part.begin != next && !atEnd) || !builder.addAll(part.chunks.build(fileSize))) {
        return null;
      }
      next = part.next;
    }
    return builder.build(fileSize);
  }
}
