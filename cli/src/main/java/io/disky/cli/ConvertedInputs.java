package io.disky.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The records of several inputs, in order. Threads read ahead, each one input at a time and a few
 * megabytes of it.
 *
 * @param threads number of threads that read; with 0 the calling thread reads
 * @param err gets a message about each part that is skipped
 */
record ConvertedInputs(List<ConvertedInput> inputs, int threads, PrintStream err)
    implements RecordsToWrite {

  @Override
  public long size() throws IOException {
    long size = 0;
    for (ConvertedInput input : inputs) {
      if (!Files.isRegularFile(input.path())) {
        return Progress.UNKNOWN;
      }
      size += Files.size(input.path());
    }
    return size;
  }

  @Override
  public void writeTo(RecordSink sink, Progress progress) throws IOException {
    if (threads == 0) {
      writeAlone(sink, progress);
      return;
    }
    ExecutorService executor =
        Executors.newFixedThreadPool(
            Math.clamp(inputs.size(), 1, threads),
            Thread.ofPlatform().daemon().name("disky-input-", 1).factory());
    try {
      // The executor begins inputs in order, so one of its threads reads the input that is written.
      List<InputAhead> all = inputs.stream().map(InputAhead::new).toList();
      all.forEach(executor::execute);
      long done = 0;
      for (int i = 0; i < all.size(); i++) {
        all.get(i).writeTo(sink, progress, done, err);
        done += inputs.get(i).path().toFile().length();
      }
    } finally {
      executor.shutdownNow();
      executor.close();
    }
  }

  private void writeAlone(RecordSink sink, Progress progress) throws IOException {
    long done = 0;
    for (ConvertedInput input : inputs) {
      input.forEach(new Direct(sink, progress, done, err));
      done += input.path().toFile().length();
    }
  }

  /** Writes records as they are read. */
  private record Direct(RecordSink sink, Progress progress, long done, PrintStream err)
      implements ConvertedInput.Taker {
    @Override
    public void take(MemorySegment record) throws IOException {
      sink.write(record);
    }

    @Override
    public void skipped(String message) {
      Failure.print(message, err);
    }

    @Override
    public void read(long bytes) {
      progress.stepTo(done + bytes);
    }
  }
}
