package io.disky;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;

/** Prints how many bytes of Java heap a record costs, in a JVM that does nothing else. */
final class AllocationProbe {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final int RECORDS = 400_000;
  private static final int RECORD_SIZE = 40;

  // The compiler gets that many to do its work, and what it arrived at must last.
  private static final int MOST_ROUNDS = 60;
  private static final int STEADY_ROUNDS = 5;

  private long checksum;

  private AllocationProbe() {}

  private interface Round {
    void run() throws IOException;
  }

  /** Arguments: what to do, and the bytes per thousand records that are too many. */
  public static void main(String[] args) throws IOException {
    Path file = Path.of(args[0]);
    AllocationProbe probe = new AllocationProbe();
    probe.write(file);
    long limit = Long.parseLong(args[1]);
    int below = 0;
    int rounds = 0;
    long bytes = 0;
    while (rounds < MOST_ROUNDS && below < STEADY_ROUNDS) {
      bytes = allocatedBy(() -> probe.run(args[0], file));
      below = bytes < limit ? below + 1 : 0;
      rounds++;
    }
    System.out.println("bytes_per_thousand_records " + bytes);
    System.out.println("steady " + (below == STEADY_ROUNDS ? 1 : 0));
    System.out.println("rounds " + rounds);
    System.out.println("checksum " + probe.checksum);
  }

  private static long allocatedBy(Round round) throws IOException {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    round.run();
    return (THREADS.getCurrentThreadAllocatedBytes() - before) / (RECORDS / 1000);
  }

  private void run(String what, Path file) throws IOException {
    switch (what) {
      case "offset_and_length" -> batches(file, this::offsetAndLength);
      case "ends" -> batches(file, this::ends);
      case "get" -> batches(file, this::get);
      case "iterate" -> iterate(file);
      case "write" -> write(file);
      case "write_segment" -> writeSegment(file);
      default -> throw new IllegalArgumentException(what);
    }
  }

  private static void batches(Path file, BatchVisitor<RuntimeException> visitor)
      throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      for (RecordBatch batch = reader.nextBatch(); batch != null; batch = reader.nextBatch()) {
        visitor.visit(batch);
        batch.close();
      }
    }
  }

  private void offsetAndLength(RecordBatch batch) {
    MemorySegment data = batch.data();
    for (int i = 0; i < batch.recordCount(); i++) {
      checksum += data.get(JAVA_LONG_UNALIGNED, batch.offset(i)) + batch.length(i);
    }
  }

  private void ends(RecordBatch batch) {
    MemorySegment data = batch.data();
    MemorySegment ends = batch.ends();
    long begin = 0;
    for (int i = 0; i < batch.recordCount(); i++) {
      long end = ends.getAtIndex(JAVA_LONG, i);
      checksum += data.get(JAVA_LONG_UNALIGNED, begin) + data.get(JAVA_BYTE, end - 1);
      begin = end;
    }
  }

  private void get(RecordBatch batch) {
    for (int i = 0; i < batch.recordCount(); i++) {
      checksum += batch.get(i).get(JAVA_LONG_UNALIGNED, 0);
    }
  }

  private void iterate(Path file) throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      for (MemorySegment record : reader) {
        checksum += record.get(JAVA_LONG_UNALIGNED, 0) + record.byteSize();
      }
    }
  }

  private void write(Path file) throws IOException {
    byte[] record = new byte[RECORD_SIZE];
    try (RecordWriter writer = open(file)) {
      for (int i = 0; i < RECORDS; i++) {
        record[i % RECORD_SIZE] = (byte) i;
        writer.write(record);
      }
    }
  }

  private void writeSegment(Path file) throws IOException {
    MemorySegment record = MemorySegment.ofArray(new byte[RECORD_SIZE]);
    try (RecordWriter writer = open(file)) {
      for (int i = 0; i < RECORDS; i++) {
        record.set(JAVA_LONG_UNALIGNED, 0, i);
        writer.write(record);
      }
    }
  }

  private static RecordWriter open(Path file) throws IOException {
    return RecordWriter.open(
        file,
        WriterOptions.defaults()
            .withOpenMode(OpenMode.OVERWRITE)
            .withCompression(Compression.none()));
  }
}
