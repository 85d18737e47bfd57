package io.disky.cli;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.PrintStream;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/** An input that one thread reads ahead of another one, which writes its records. */
final class InputAhead implements Runnable, ConvertedInput.Taker {
  private static final int BLOCKS_AHEAD = 4;

  private final ConvertedInput input;
  private final BlockingQueue<Part> queue = new ArrayBlockingQueue<>(BLOCKS_AHEAD);
  private RecordBlock block = new RecordBlock();
  private long read;

  /** What the reading thread passes on. */
  private sealed interface Part {}

  /** Records, and how many bytes of the input were read when they were complete. */
  private record Records(RecordBlock block, long read) implements Part {}

  private record Skipped(String message) implements Part {}

  private record End(@Nullable Throwable failure) implements Part {}

  InputAhead(ConvertedInput input) {
    this.input = input;
  }

  /** Reads the input. An interrupt ends this. */
  @Override
  public void run() {
    Throwable failure = null;
    try {
      input.forEach(this);
    } catch (Throwable e) {
      failure = e;
    }
    try {
      passBlock();
      queue.put(new End(failure));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the other thread has stopped
    } catch (IOException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void take(MemorySegment record) throws IOException {
    if (!block.fits(record.byteSize())) {
      passBlock();
    }
    block.add(record);
  }

  @Override
  public void skipped(String message) {
    try {
      passBlock();
      queue.put(new Skipped(message));
    } catch (InterruptedException | IOException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void read(long bytes) {
    read = bytes;
  }

  private void passBlock() throws IOException {
    if (block.isEmpty()) {
      return;
    }
    try {
      queue.put(new Records(block, read));
      block = new RecordBlock();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw stopped(e);
    }
  }

  private static InterruptedIOException stopped(InterruptedException e) {
    InterruptedIOException stopped = new InterruptedIOException("interrupted while reading ahead");
    stopped.initCause(e);
    return stopped;
  }

  /**
   * Writes all records to {@code sink}, on another thread.
   *
   * @param done size in bytes of the inputs before this one
   * @throws IOException if reading or writing fails; records before the failure were written
   */
  void writeTo(RecordSink sink, Progress progress, long done, PrintStream err) throws IOException {
    while (true) {
      switch (next()) {
        case Records records -> {
          records.block.writeTo(sink);
          progress.stepTo(done + records.read);
        }
        case Skipped skipped -> Failure.print(skipped.message, err);
        case End end -> {
          throwIfFailed(end.failure);
          return;
        }
      }
    }
  }

  private Part next() throws InterruptedIOException {
    try {
      return queue.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw stopped(e);
    }
  }

  private static void throwIfFailed(@Nullable Throwable failure) throws IOException {
    switch (failure) {
      case null -> {}
      case IOException e -> throw e;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new IOException(failure);
    }
  }
}
