package io.disky.fetching;

import io.disky.fetching.RangeSource.Range;
import io.disky.memory.KeptMemory;
import io.disky.memory.NativeMemory;
import io.disky.threads.Interruption;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * The last bytes of a file.
 *
 * @param bytes at the beginning of this memory
 */
record FileEnd(NativeMemory bytes, Range range) {
  /** The number of bytes to read: footers are there, and small files as a whole. */
  private static final int SIZE = 256 << 10;

  /** Reads the end of a file. */
  static FileEnd read(RangeSource source, String name, FetchSettings settings) throws IOException {
    int size = (int) Math.min(SIZE, settings.maxMemory() / 8);
    Result result = new Result();
    RangeRequest request = new RangeRequest(source, name, new Wanted.End(size), settings, result);
    request.start();
    try {
      return result.future.get().tight();
    } catch (InterruptedException e) {
      request.cancel();
      throw Interruption.exception(name, "opening it", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Failed failed) {
        throw failed.failure.exception();
      }
      throw new IOException(e.getCause());
    }
  }

  /** With memory of the size of the bytes, if they are few. */
  private FileEnd tight() {
    long size = range.length();
    if (size > bytes.size() / 2) {
      return this;
    }
    NativeMemory copy = size == 0 ? NativeMemory.NONE : NativeMemory.allocate(size);
    MemorySegment.copy(bytes.segment(), 0, copy.segment(), 0, size);
    KeptMemory.give(bytes);
    return new FileEnd(copy, range);
  }

  private static final class Failed extends Exception {
    private static final long serialVersionUID = 1;
    private final transient FetchFailure failure;

    Failed(FetchFailure failure) {
      super(failure.message(), null, false, false);
      this.failure = failure;
    }
  }

  private static final class Result implements RangeRequest.Owner {
    private final CompletableFuture<FileEnd> future = new CompletableFuture<>();

    @Override
    public void done(NativeMemory memory, Range answer) {
      future.complete(new FileEnd(memory, answer));
    }

    @Override
    public void failed(FetchFailure failure) {
      future.completeExceptionally(new Failed(failure));
    }

    @Override
    public boolean reserve() {
      return true;
    }

    @Override
    public void release() {}
  }
}
