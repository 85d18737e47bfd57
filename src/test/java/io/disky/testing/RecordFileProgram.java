package io.disky.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.disky.Compression;
import io.disky.CrashedWriter;
import io.disky.FlushMode;
import io.disky.MemoryFaultException;
import io.disky.OpenMode;
import io.disky.ReaderOptions;
import io.disky.RecordReader;
import io.disky.RecordWriter;
import io.disky.WriterOptions;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/** What tests run in a JVM of its own, because of what may be done to that JVM. */
public final class RecordFileProgram {
  /** Size in bytes of the records that {@code write-until-failure} writes. */
  public static final int RECORD_SIZE = 1000;

  /** Records in a chunk that {@code write-until-failure} writes. */
  public static final int RECORDS_IN_CHUNK = 10;

  private static final PrintStream OUT = new PrintStream(System.out, true, UTF_8);

  /** The system property with the parallelism of {@code write-until-failure}. */
  public static final String PARALLELISM = "disky.test.parallelism";

  private RecordFileProgram() {}

  private interface Attempt {
    void run() throws Exception;
  }

  public static void main(String[] arguments) throws Exception {
    Path path = Path.of(arguments[1]);
    switch (arguments[0]) {
      case "open" -> open(path);
      case "hold" -> hold(path);
      case "write-until-failure" -> writeUntilFailure(path);
      case "end-with-failure" -> endWithFailure(path);
      case "write-vanished-mapping" -> writeVanishedMapping(path);
      case "read-all" -> readAll(path);
      case "sync" -> sync(path);
      case "create-atomically" -> createAtomically(path);
      case "create-until-failure" -> createUntilFailure(path);
      case "hold-unpublished" -> holdUnpublished(path);
      case "write-until-killed" -> CrashedWriter.write(path, OUT);
      case "describe-all" -> describeAll(path);
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  /** Prints what becomes of each way to open a file. */
  private static void open(Path path) {
    report("READ", () -> RecordReader.open(path).close());
    for (OpenMode mode : OpenMode.values()) {
      WriterOptions options = WriterOptions.defaults().withOpenMode(mode);
      report(mode.name(), () -> RecordWriter.open(path, options).close());
    }
  }

  /** Holds a file open for writing until its standard input ends. */
  private static void hold(Path path) throws IOException {
    WriterOptions options = WriterOptions.defaults().withOpenMode(OpenMode.APPEND);
    try (RecordWriter writer = RecordWriter.open(path, options)) {
      writer.write("flushed".getBytes(UTF_8));
      writer.flush();
      writer.write("closed".getBytes(UTF_8));
      OUT.println("holding");
      while (System.in.read() >= 0) {}
    }
  }

  /**
   * Writes numbered records until the operating system refuses, then tries everything once more.
   */
  private static void writeUntilFailure(Path path) throws IOException {
    WriterOptions options =
        WriterOptions.defaults()
            .withCompression(Compression.none())
            .withParallelism(Integer.getInteger(PARALLELISM, 0))
            .withChunkSize(RECORDS_IN_CHUNK * (RECORD_SIZE + 8));
    RecordWriter writer = RecordWriter.open(path, options);
    ByteBuffer record = ByteBuffer.allocate(RECORD_SIZE);
    try {
      while (true) {
        writer.write(record.clear().putLong(0, writer.recordCount()));
      }
    } catch (IOException e) {
      print("FIRST", e);
    }
    OUT.println("position " + record.position());
    OUT.println("taken " + writer.recordCount());
    OUT.println("size " + writer.fileSize());
    report("ARRAY", () -> writer.write(new byte[1]));
    report("BUFFER", () -> writer.write(record.clear()));
    report("SEGMENT", () -> writer.write(MemorySegment.ofArray(new byte[1])));
    report("SLOT", () -> writer.write(1, slot -> 1));
    report("FLUSH", writer::flush);
    report("SYNC", () -> writer.flush(FlushMode.SYNC));
    report("CLOSE", writer::close);
    report("CLOSE AGAIN", writer::close);
    OUT.println("open " + writer.isOpen());
  }

  /** Writes less than a chunk, which the operating system refuses at the end. */
  private static void endWithFailure(Path path) throws IOException {
    RecordWriter writer = RecordWriter.open(path);
    writer.write(SampleRecords.random(100 * RECORD_SIZE));
    report("CLOSE", writer::close);
    report("AGAIN", writer::close);
    OUT.println("open " + writer.isOpen());
    report("WRITE", () -> writer.write(new byte[1]));
    WriterOptions options = WriterOptions.defaults().withOpenMode(OpenMode.APPEND);
    report("OTHER", () -> RecordWriter.open(path, options).close());
  }

  /** Syncs three times, each time with something new. */
  private static void sync(Path path) throws IOException {
    try (RecordWriter writer = RecordWriter.open(path)) {
      for (int i = 0; i < 3; i++) {
        writer.write(new byte[] {1});
        writer.flush(FlushMode.SYNC);
      }
    }
  }

  private static WriterOptions atomic() {
    return WriterOptions.defaults().withAtomicCreation(true);
  }

  private static void createAtomically(Path path) throws IOException {
    try (RecordWriter writer = RecordWriter.open(path, atomic())) {
      writer.write(new byte[] {1});
    }
  }

  /** Creates a file atomically that the operating system does not let become large enough. */
  private static void createUntilFailure(Path path) {
    report(
        "CREATE",
        () -> {
          try (RecordWriter writer = RecordWriter.open(path, atomic())) {
            writer.write(SampleRecords.random(1000 * RECORD_SIZE));
          }
        });
  }

  /** Holds a file that has no name yet until its standard input ends. */
  private static void holdUnpublished(Path path) throws IOException {
    try (RecordWriter writer = RecordWriter.open(path, atomic())) {
      writer.write("flushed".getBytes(UTF_8));
      writer.flush();
      OUT.println("holding");
      while (System.in.read() >= 0) {}
    }
  }

  /** Writes a record from a mapped file that became shorter. */
  private static void writeVanishedMapping(Path path) throws IOException {
    Path mapped = path.resolveSibling("mapped");
    Files.write(mapped, new byte[1 << 16]);
    try (Arena arena = Arena.ofConfined();
        FileChannel channel =
            FileChannel.open(mapped, StandardOpenOption.READ, StandardOpenOption.WRITE);
        RecordWriter writer = RecordWriter.open(path)) {
      MemorySegment segment = channel.map(MapMode.READ_ONLY, 0, 1 << 16, arena);
      writer.write(new byte[] {1});
      channel.truncate(0);
      try {
        writer.write(segment);
      } catch (MemoryFaultException e) {
        OUT.println("MemoryFaultException");
      }
      writer.write(new byte[] {2});
    }
  }

  /** Reads all files of a directory, and prints how much more memory that took than reading one. */
  private static void readAll(Path directory) throws IOException {
    List<Path> files;
    try (Stream<Path> list = Files.list(directory)) {
      files = list.sorted().toList();
    }
    read(files.getFirst(), ReaderOptions.defaults());
    long before = peakMemory();
    for (Path file : files) {
      OUT.println(file.getFileName() + " " + read(file, ReaderOptions.defaults()));
      OUT.println(file.getFileName() + " " + read(file, unlimited()));
    }
    OUT.println("memory " + (peakMemory() - before));
  }

  /** Describes all files of a directory, and prints how much more memory that took than one. */
  private static void describeAll(Path directory) throws IOException {
    List<Path> files;
    try (Stream<Path> list = Files.list(directory)) {
      files = list.sorted().toList();
    }
    describe(files.getFirst());
    long before = peakMemory();
    for (Path file : files) {
      OUT.println(file.getFileName() + " " + describe(file));
    }
    OUT.println("memory " + (peakMemory() - before));
  }

  private static String describe(Path file) throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      return "described: " + reader.describe().recordCount();
    } catch (IOException e) {
      return e.getClass().getSimpleName();
    }
  }

  private static ReaderOptions unlimited() {
    return ReaderOptions.defaults().withMaxChunkSize(Long.MAX_VALUE);
  }

  private static String read(Path file, ReaderOptions options) throws IOException {
    String outcome = "";
    for (ReadingWay way : ReadingWay.values()) {
      try (RecordReader reader = RecordReader.open(file, options)) {
        way.read(reader, record -> {});
        outcome = "read";
      } catch (IOException e) {
        outcome = e.getClass().getSimpleName();
      }
    }
    return outcome;
  }

  /** The most memory that this process ever had, in bytes. */
  private static long peakMemory() throws IOException {
    try (Stream<String> status = Files.lines(Path.of("/proc/self/status"))) {
      String line = status.filter(it -> it.startsWith("VmHWM:")).findFirst().orElseThrow();
      return 1024 * Long.parseLong(line.replaceAll("[^0-9]", ""));
    }
  }

  private static void report(String name, Attempt attempt) {
    try {
      attempt.run();
      OUT.println(name + " done");
    } catch (Exception e) {
      print(name, e);
    }
  }

  private static void print(String name, Exception e) {
    OUT.println(name + " " + e.getClass().getSimpleName() + ": " + e.getMessage());
  }
}
