package io.disky;

import io.disky.testing.NumberedRecords;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;

/**
 * Uses each operation for the first time at the end of the stack, then a little further from it,
 * and so on, until it works. Prints whatever is thrown but a {@link StackOverflowError}, and a line
 * for each operation that works in the end.
 */
final class StackOverflowProbe {
  private static final long STACK = 1 << 20;

  private final TreeSet<String> thrown = new TreeSet<>();
  private boolean works;

  private StackOverflowProbe() {}

  private interface Operation {
    Object run() throws Exception;
  }

  public static void main(String[] args) throws InterruptedException {
    Thread thread = new Thread(null, StackOverflowProbe::useAll, "small", STACK);
    thread.start();
    thread.join();
  }

  private static void useAll() {
    try {
      byte[] file = file();
      RecordReader reader = RecordReader.open(MemorySegment.ofArray(file));
      RecordWriter writer = RecordWriter.open(new ByteArrayOutputStream());
      operations(reader, writer)
          .forEach((name, operation) -> {
            StackOverflowProbe probe = new StackOverflowProbe();
            probe.descend(operation);
            System.out.println(name + (probe.works ? " works" : " does not work") + probe.thrown);
          });
    } catch (IOException e) {
      e.printStackTrace(System.out);
    }
  }

  private static byte[] file() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (RecordWriter writer = RecordWriter.open(out)) {
      for (int i = 0; i < 10; i++) {
        writer.write(NumberedRecords.record(i));
        writer.flush();
      }
    }
    return out.toByteArray();
  }

  private static Map<String, Operation> operations(RecordReader reader, RecordWriter writer) {
    Map<String, Operation> operations = new LinkedHashMap<>();
    operations.put("count", reader::recordCount);
    operations.put("nextBatch", reader::nextBatch);
    operations.put(
        "next",
        () -> {
          reader.rewind();
          return reader.next();
        });
    operations.put("metadata", reader::metadata);
    operations.put("describe", reader::describe);
    operations.put("seekBack", reader::seekBack);
    operations.put(
        "seekNumeric",
        () -> {
          reader.seekNumeric(1);
          return "";
        });
    operations.put("search", () -> reader.search(_ -> 0));
    operations.put(
        "verify",
        () -> {
          reader.seekToOffset(0);
          reader.verify();
          return "";
        });
    operations.put("fileSize", writer::fileSize);
    operations.put(
        "sync",
        () -> {
          writer.write(new byte[5]);
          writer.flush(FlushMode.SYNC);
          return writer.lastPosition();
        });
    return operations;
  }

  /** Descends as far as there is stack, and runs {@code operation} on the way back. */
  @SuppressWarnings("InfiniteRecursion") // which is the point
  private void descend(Operation operation) {
    try {
      descend(operation);
    } catch (StackOverflowError e) {
      // That was the end.
    }
    if (!works) {
      run(operation);
    }
  }

  private void run(Operation operation) {
    try {
      works = operation.run() != null;
    } catch (StackOverflowError e) {
      // As is to be expected.
    } catch (Throwable e) {
      thrown.add(String.valueOf(e));
    }
  }
}
