package io.disky.lifetime;

import io.disky.Compression;
import io.disky.RecordBatch;
import io.disky.RecordReader;
import io.disky.RecordWriter;
import io.disky.WriterOptions;
import io.disky.testing.LogCapture;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Uses readers and writers carelessly in a JVM of its own, and prints what the process came to
 * hold.
 */
@SuppressWarnings({
  "ReturnValueIgnored",
  "IntLongMath"
}) // what matters is that it throws; small numbers
public final class LeakProbe {
  private static final int SAMPLE_EVERY = 250;
  private static final int RECORD_SIZE = 100;

  private final List<Object> kept = new ArrayList<>();
  private long peakDescriptors;
  private long checksum;

  private LeakProbe() {}

  /**
   * Arguments: what to do, how often, the size in bytes and the compression of the file that is
   * read, and how many readers and writers are forgotten meanwhile.
   */
  public static void main(String[] args) throws Exception {
    int times = Integer.parseInt(args[1]);
    Path file = write(Integer.parseInt(args[2]), Compression.parse(args[3]));
    try (LogCapture log = new LogCapture()) {
      LeakProbe probe = new LeakProbe();
      probe.repeat(args[0], times, file);
      int forgotten = Integer.parseInt(args[4]);
      GarbageCollection.leadsTo(() -> log.messages("was never closed").size() == forgotten);
      print("descriptors", descriptors());
      print("peak_descriptors", probe.peakDescriptors);
      print("peak_resident_mib", peakResident() >> 10);
      print("reported", log.messages("was never closed").size());
      print("messages", log.messages("").size());
      print("kept", probe.kept.size());
      print("checksum", probe.checksum);
    }
  }

  private static void print(String name, long number) {
    System.out.println(name + " " + number);
  }

  private static Path write(int size, Compression compression) throws IOException {
    Path file = Path.of("read");
    Random random = new Random(size);
    byte[] record = new byte[RECORD_SIZE];
    WriterOptions options = WriterOptions.defaults().withCompression(compression);
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      for (int i = 0; i < size / RECORD_SIZE; i++) {
        random.nextBytes(record);
        writer.write(record);
      }
    }
    return file;
  }

  private void repeat(String what, int times, Path file) throws Exception {
    for (int i = 0; i < times; i++) {
      once(what, file, Path.of("written-" + i));
      if (i % SAMPLE_EVERY == 0 || i == times - 1) {
        peakDescriptors = Math.max(peakDescriptors, descriptors());
      }
    }
  }

  private void once(String what, Path file, Path written) throws Exception {
    switch (what) {
      case "open" -> checksum += RecordReader.open(file).fileSize();
      case "batch" -> checksum += sum(RecordReader.open(file).nextBatch().data());
      case "iterate" -> {
        Iterator<MemorySegment> records = RecordReader.open(file).iterator();
        checksum += sum(records.next()) + sum(records.next());
      }
      case "stream" -> checksum += RecordReader.open(file).stream().limit(3).count();
      case "arena" -> checksum += sum(RecordReader.open(file).nextBatch(Arena.ofAuto()).data());
      case "batches" -> {
        Stream<RecordBatch> batches = RecordReader.open(file).batches();
        checksum += batches.parallel().mapToLong(batch -> sum(batch.data())).sum();
      }
      case "writer" -> {
        RecordWriter writer = RecordWriter.open(written);
        writer.write(new byte[RECORD_SIZE]);
        writer.flush();
        writer.write(new byte[RECORD_SIZE]);
        Files.delete(written);
      }
      case "close" -> {
        try (RecordReader reader = RecordReader.open(file);
            RecordWriter writer = RecordWriter.open(written)) {
          for (MemorySegment record : reader) {
            writer.write(record);
          }
        }
        Files.delete(written);
      }
      case "readers_kept_closed" -> {
        try (RecordReader reader = RecordReader.open(file)) {
          checksum += sum(reader.next());
          reader.iterator().hasNext();
          kept.add(reader);
        }
      }
      case "batches_kept_closed" -> {
        try (RecordReader reader = RecordReader.open(file);
            RecordBatch batch = reader.nextBatch()) {
          checksum += sum(batch.data());
          kept.add(batch);
        }
      }
      case "writers_kept_closed" -> {
        try (RecordWriter writer = RecordWriter.open(written)) {
          writer.write(new byte[RECORD_SIZE]);
          writer.write(100_000, slot -> 1);
          kept.add(writer);
        }
        Files.delete(written);
      }
      case "forget_batches" -> {
        try (RecordReader reader = RecordReader.open(file)) {
          for (RecordBatch batch = reader.nextBatch(); batch != null; batch = reader.nextBatch()) {
            checksum += sum(batch.get(0));
          }
        }
      }
      default -> throw new IllegalArgumentException(what);
    }
  }

  private static long sum(MemorySegment segment) {
    return segment.get(ValueLayout.JAVA_BYTE, 0)
        + segment.get(ValueLayout.JAVA_BYTE, segment.byteSize() - 1);
  }

  private static long descriptors() {
    String[] names = Path.of("/proc/self/fd").toFile().list();
    return names == null ? Long.MAX_VALUE : names.length;
  }

  /** In KiB. */
  private static long peakResident() throws IOException {
    String line =
        Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(it -> it.startsWith("VmHWM:"))
            .findFirst()
            .orElseThrow();
    return Long.parseLong(line.replaceAll("\\D", ""));
  }
}
