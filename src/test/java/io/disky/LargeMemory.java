package io.disky;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Uses much memory again and again in a JVM of its own, and prints how much the process came to
 * hold at most. Everything is closed.
 */
final class LargeMemory {
  private static final int MIB = 1 << 20;

  private LargeMemory() {}

  /** Arguments: what to do, and how often. */
  public static void main(String[] args) throws Exception {
    int times = Integer.parseInt(args[1]);
    switch (args[0]) {
      case "write" -> write(new byte[4_300_000], times, 0);
      case "write_larger" -> write(new byte[20 * MIB], times, 0);
      case "write_in_parallel" -> write(new byte[5 * MIB], times, 2);
      case "write_slots" -> writeSlots(times, 20 * MIB);
      case "write_shards" -> writeShards(times, 20 * MIB);
      case "writers" -> {
        byte[] record = new byte[20 * MIB];
        for (int i = 0; i < times; i++) {
          write(record, 1, 0);
        }
      }
      case "read_larger" -> read(times, 0);
      case "read_in_parallel" -> read(times, 1);
      case "random_access" -> randomAccess(times);
      case "ranges_outlive" -> rangesOutlive(times);
      case "memory" -> memory(times);
      case "streams" -> streams(times);
      case "channels" -> channels(times);
      default -> throw new IllegalArgumentException(args[0]);
    }
    System.out.println("peak_resident_mib " + (peakResident() >> 10));
  }

  private static WriterOptions overwriting() {
    return WriterOptions.defaults().withOpenMode(OpenMode.OVERWRITE);
  }

  private static void write(byte[] record, int times, int threads) throws IOException {
    WriterOptions options = overwriting().withParallelism(threads);
    try (RecordWriter writer = RecordWriter.open(Path.of("written"), options)) {
      for (int i = 0; i < times; i++) {
        writer.write(record);
        // What the large one needed is too much for what follows.
        writer.write(record, 0, MIB);
        writer.write(record, 0, MIB);
      }
    }
  }

  private static void writeSlots(int times, int size) throws IOException {
    try (RecordWriter writer = RecordWriter.open(Path.of("written"), overwriting())) {
      for (int i = 0; i < times; i++) {
        writer.write(size, slot -> size);
        writer.write(MIB, slot -> MIB);
      }
    }
  }

  private static void writeShards(int times, int size) throws IOException {
    byte[] record = new byte[size];
    try (MultiThreadedWriter writer = MultiThreadedWriter.open(Path.of("shards"))) {
      for (int i = 0; i < times; i++) {
        writer.write(record);
      }
    }
  }

  /** Chunks that become larger and larger. */
  private static void read(int times, int threads) throws IOException {
    Path file = Path.of("read");
    try (RecordWriter writer = RecordWriter.open(file, overwriting())) {
      for (int i = 0; i < 10; i++) {
        writer.write(20 * MIB + i * MIB, MemorySegment::byteSize);
      }
    }
    ReaderOptions options = ReaderOptions.defaults().withParallelism(threads);
    for (int i = 0; i < times; i++) {
      try (RecordReader reader = RecordReader.open(file, options)) {
        reader.visitBatches(batch -> check(batch.recordCount() == 1));
      }
    }
  }

  private static void check(boolean holds) {
    if (!holds) {
      throw new AssertionError();
    }
  }

  private static Path indexed(int records, int size) throws IOException {
    Path file = Path.of("indexed");
    WriterOptions options = overwriting().withChunkSize(size);
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      for (int i = 0; i < records; i++) {
        writer.write(new byte[size]);
      }
    }
    return file;
  }

  private static void randomAccess(int times) throws IOException {
    Path file = indexed(40, MIB);
    for (int i = 0; i < times; i++) {
      try (RandomAccessReader reader = RandomAccessReader.open(file)) {
        for (long record = 0; record < reader.recordCount(); record++) {
          try (Arena arena = Arena.ofConfined()) {
            check(reader.get(record, arena).byteSize() == MIB);
          }
        }
      }
    }
  }

  /** Ranges that are closed after their reader was. */
  private static void rangesOutlive(int times) throws IOException {
    Path file = indexed(40, MIB);
    for (int i = 0; i < times; i++) {
      List<RecordRange> ranges = new ArrayList<>();
      try (RandomAccessReader reader = RandomAccessReader.open(file)) {
        for (long record = 0; record < reader.recordCount(); record++) {
          ranges.add(reader.batch(record, record + 1));
        }
      }
      for (RecordRange range : ranges) {
        check(range.get(0).byteSize() == MIB);
        range.close();
      }
    }
  }

  private static byte[] small() throws IOException {
    Path file = indexed(1, 100);
    return Files.readAllBytes(file);
  }

  private static void memory(int times) throws IOException {
    byte[] file = small();
    MemorySegment sink = MemorySegment.ofArray(new byte[MIB]);
    for (int i = 0; i < times; i++) {
      try (RecordReader reader = RecordReader.open(MemorySegment.ofArray(file));
          RecordWriter writer = RecordWriter.open(sink)) {
        reader.visit(writer::write);
      }
    }
  }

  private static void streams(int times) throws IOException {
    byte[] file = small();
    for (int i = 0; i < times; i++) {
      try (RecordReader reader = RecordReader.open(new ByteArrayInputStream(file));
          RecordWriter writer = RecordWriter.open(OutputStream.nullOutputStream())) {
        reader.visit(writer::write);
      }
    }
  }

  private static void channels(int times) throws IOException {
    Path file = indexed(1, 100);
    Path written = Path.of("written");
    for (int i = 0; i < times; i++) {
      try (RecordReader reader = RecordReader.open(FileChannel.open(file));
          RecordReader again = RecordReader.open(Channels.newChannel(Files.newInputStream(file)));
          RecordWriter writer =
              RecordWriter.open(
                  FileChannel.open(written, StandardOpenOption.CREATE, StandardOpenOption.WRITE))) {
        reader.visit(writer::write);
        again.visit(writer::write);
      }
    }
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
