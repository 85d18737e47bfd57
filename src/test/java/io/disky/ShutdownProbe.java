package io.disky;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/**
 * A program that logs on four threads until it exits, with a shutdown hook that closes its log and
 * prints how many records are in it.
 */
final class ShutdownProbe {
  private static final int THREADS = 4;
  private static final int RECORDS_BEFORE_EXIT = 250;

  private ShutdownProbe() {}

  public static void main(String[] arguments) throws Exception {
    WriterOptions options =
        WriterOptions.defaults().withChunkSize(300).withParallelism(Integer.parseInt(arguments[1]));
    SharedRecordWriter log = SharedRecordWriter.open(Path.of(arguments[0]), options);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> close(log)));
    CountDownLatch busy = new CountDownLatch(THREADS);
    for (int i = 0; i < THREADS; i++) {
      Thread.ofPlatform().daemon().start(() -> write(log, busy));
    }
    busy.await();
    System.exit(0);
  }

  private static void write(SharedRecordWriter log, CountDownLatch busy) {
    try {
      for (long i = 0; log.isOpen(); i++) {
        long number = i;
        log.write(
            Long.BYTES,
            slot -> {
              slot.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, number);
              return Long.BYTES;
            });
        if (i == RECORDS_BEFORE_EXIT) {
          busy.countDown();
        }
      }
    } catch (IllegalStateException e) {
      // The hook has closed the log.
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void close(SharedRecordWriter log) {
    try {
      log.close();
      System.out.println("written " + log.recordCount());
      System.out.flush();
    } catch (IOException e) {
      e.printStackTrace();
      Runtime.getRuntime().halt(1);
    }
  }
}
