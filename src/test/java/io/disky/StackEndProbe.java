package io.disky;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.disky.lifetime.LifetimeAssert;
import io.disky.testing.NumberedRecords;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Uses objects at the end of the stack, a little further from it, and so on, and looks after each
 * use whether they are as they should be. Prints a line for each operation.
 */
final class StackEndProbe {
  private static final long STACK = 256 << 10;

  // Where operations used to break off, and from there on to where all of them work.
  private static final int CLOSE_FRAMES = 200;
  private static final int MOST_FRAMES = 900;
  private static final int STEP = 25;
  private static final long LONG_MILLIS = 60_000;
  private static final int CHUNKS = 12;
  private static final int PER_CHUNK = 3;
  private static final int RECORDS = CHUNKS * PER_CHUNK;

  private int frames;
  private boolean works;

  private interface Operation {
    void run() throws Exception;
  }

  private interface Move {
    void make(RecordReader reader) throws Exception;
  }

  /** Arguments: a directory for files; then scenarios, if not all are to be run. */
  public static void main(String[] args) throws InterruptedException {
    Path directory = Path.of(args[0]);
    List<String> only = List.of(args).subList(1, args.length);
    Thread thread = new Thread(null, () -> runAll(directory, only), "small", STACK);
    thread.start();
    thread.join();
  }

  private static void runAll(Path directory, List<String> only) {
    StackEndProbe probe = new StackEndProbe();
    Map<String, Operation> scenarios = new LinkedHashMap<>();
    scenarios.put("get", () -> probe.get(directory));
    scenarios.put("getAll", () -> probe.getAll(directory));
    scenarios.put("batch", () -> probe.batch(directory));
    scenarios.put("seek", () -> probe.move(reader -> reader.seek(positions().get(20))));
    scenarios.put("seekBack", () -> probe.move(RecordReader::seekBack));
    scenarios.put("search", () -> probe.move(reader -> reader.search(_ -> -1)));
    scenarios.put("nextBatch", () -> probe.move(reader -> reader.nextBatch()));
    scenarios.put("visit", () -> probe.move(reader -> reader.visit(_ -> {})));
    scenarios.put("iterate", () -> probe.iterate(ReaderOptions.defaults()));
    scenarios.put(
        "iterateStrictly", () -> probe.iterate(ReaderOptions.defaults().withStrictLifetimes(true)));
    scenarios.put("channel", probe::channel);
    scenarios.put("write", probe::write);
    scenarios.put("flush", probe::flush);
    scenarios.put("writeText", probe::writeText);
    scenarios.put("writeBatch", probe::writeBatch);
    scenarios.put("writeAtomically", () -> probe.writeAtomically(directory));
    scenarios.put("share", probe::share);
    scenarios.put("rotate", () -> probe.rotate(directory));
    scenarios.put("writeShards", () -> probe.writeShards(1));
    scenarios.put("writeShardsInline", () -> probe.writeShards(0));
    scenarios.put("readShards", probe::readShards);
    scenarios.put("listShards", () -> probe.listShards(directory));
    if (!only.isEmpty()) {
      scenarios.keySet().retainAll(only);
    }
    scenarios.forEach((name, scenario) -> {
      try {
        scenario.run();
        System.out.println(name + " works");
      } catch (Throwable e) {
        System.out.println(name + " fails: " + e);
        e.printStackTrace();
      }
      System.out.flush();
    });
  }

  /** Descends to the end of the stack, comes back so many frames, and runs {@code operation}. */
  @SuppressWarnings("InfiniteRecursion") // which is the point
  private void descend(Operation operation) throws Exception {
    try {
      descend(operation);
    } catch (StackOverflowError e) {
      // That was the end, or the operation met it.
    }
    if (frames-- == 0) {
      operation.run();
      works = true;
    }
  }

  /** Runs {@code operation} in all distances from the end of the stack, and {@code check} after. */
  private void atEachDistance(Operation operation, Operation check) throws Exception {
    boolean worked = false;
    for (int distance = 0; distance < MOST_FRAMES; distance += distance < CLOSE_FRAMES ? 1 : STEP) {
      frames = distance;
      works = false;
      descend(operation);
      worked |= works;
      check.run();
    }
    require(worked, "it never works");
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }

  private static byte[] contents() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (RecordWriter writer = RecordWriter.open(out)) {
      for (int i = 0; i < RECORDS; i++) {
        writer.write(NumberedRecords.record(i));
        if (i % PER_CHUNK == PER_CHUNK - 1) {
          writer.flush();
        }
      }
    }
    return out.toByteArray();
  }

  private static Path file(Path directory) throws IOException {
    Path file = directory.resolve("records");
    return Files.exists(file) ? file : Files.write(file, contents());
  }

  private static void checkRecord(MemorySegment record, int number) {
    require(NumberedRecords.isRecord(record, number), "record " + number + " is wrong");
  }

  private static List<RecordPosition> positions() throws IOException {
    List<RecordPosition> positions = new ArrayList<>();
    try (RecordReader reader = RecordReader.open(MemorySegment.ofArray(contents()))) {
      for (MemorySegment _ : reader) {
        positions.add(reader.lastPosition());
      }
    }
    return positions;
  }

  private void get(Path directory) throws Exception {
    try (RandomAccessReader reader = randomAccess(directory)) {
      int[] next = {0};
      atEachDistance(
          () -> reader.get(next[0]++ % RECORDS),
          () -> {
            for (int i = 0; i < RECORDS; i++) {
              checkRecord(MemorySegment.ofArray(reader.get(i)), i);
            }
          });
    }
  }

  private void getAll(Path directory) throws Exception {
    long[] indices = {1, 7, 30, 31};
    try (RandomAccessReader reader = randomAccess(directory)) {
      atEachDistance(
          () -> {
            try (Arena arena = Arena.ofConfined()) {
              reader.getAll(indices, arena);
            }
          },
          () -> {
            int[] seen = {0};
            reader.visitAll(
                indices,
                (index, record) -> {
                  checkRecord(record, (int) index);
                  seen[0]++;
                });
            require(seen[0] == indices.length, "only " + seen[0]);
          });
    }
  }

  private void batch(Path directory) throws Exception {
    try (RandomAccessReader reader = randomAccess(directory)) {
      atEachDistance(
          () -> reader.batch(2, 20).close(),
          () -> {
            try (RecordRange range = reader.batch(2, 20)) {
              for (int i = 0; i < 18; i++) {
                checkRecord(range.get(i), 2 + i);
              }
            }
          });
    }
  }

  /** Whose cache has room for one chunk or two. */
  private static RandomAccessReader randomAccess(Path directory) throws IOException {
    return RandomAccessReader.open(
        file(directory), RandomAccessOptions.defaults().withCacheSize(600).withParallelism(1));
  }

  private void move(Move move) throws Exception {
    List<RecordPosition> positions = positions();
    try (RecordReader reader = RecordReader.open(MemorySegment.ofArray(contents()))) {
      reader.seek(positions.get(10));
      atEachDistance(
          () -> move.make(reader),
          () -> {
            int number = positions.indexOf(reader.position());
            NumberedRecords.assertRest(reader, number < 0 ? RECORDS : number, RECORDS - 1);
            reader.seek(RecordPosition.START);
            NumberedRecords.assertRest(reader, 0, RECORDS - 1);
            reader.seek(positions.get(9));
          });
    }
  }

  private void iterate(ReaderOptions options) throws Exception {
    try (RecordReader reader = RecordReader.open(MemorySegment.ofArray(contents()), options)) {
      int[] next = {0};
      Operation step =
          () -> {
            MemorySegment record = reader.next();
            int number = next[0]++;
            checkRecord(record, number);
          };
      atEachDistance(
          step,
          () -> {
            if (next[0] == RECORDS) {
              reader.seek(RecordPosition.START);
              next[0] = 0;
            }
            step.run();
            if (next[0] == RECORDS) {
              reader.seek(RecordPosition.START);
              next[0] = 0;
            }
          });
    }
  }

  private void channel() throws Exception {
    Path temporary = Files.createTempDirectory("stack-end");
    Path file = file(temporary);
    // In the reverse order: the file first.
    temporary.toFile().deleteOnExit();
    file.toFile().deleteOnExit();
    RecordReader[] reader = {null};
    try (var channel = Files.newByteChannel(file)) {
      reader[0] = RecordReader.open(channel);
      atEachDistance(
          () -> {
            RecordBatch batch = reader[0].nextBatch();
            if (batch != null) {
              batch.close();
            }
          },
          () -> {
            reader[0].seek(RecordPosition.START);
            NumberedRecords.assertRest(reader[0], 0, RECORDS - 1);
            reader[0] = RecordReader.open(channel);
          });
    } finally {
      Files.delete(file);
      Files.delete(file.getParent());
    }
  }

  /** Which records an object has accepted, and which of those that it has refused it may have. */
  private static final class Accepted {
    private final BitSet all = new BitSet();
    private int next;

    interface Writing {
      void write(byte[] record) throws IOException;
    }

    void write(Writing writing) throws IOException {
      int number = next++;
      writing.write(record(number));
      all.set(number);
    }

    private static byte[] record(int number) {
      return (number + " is a record of the scenario.").repeat(1 + number % 5).getBytes(US_ASCII);
    }

    /** The next records, which are not accepted yet. */
    RecordBatch nextBatch() throws IOException {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      try (RecordWriter writer = RecordWriter.open(out)) {
        for (int i = 0; i < 5; i++) {
          writer.write(record(next++));
        }
      }
      try (RecordReader reader = RecordReader.open(MemorySegment.ofArray(out.toByteArray()))) {
        return reader.nextBatch(Arena.ofAuto());
      }
    }

    /** The last {@code count} records were accepted. */
    void acceptedLast(int count) {
      all.set(next - count, next);
    }

    void check(List<MemorySegment> records) {
      BitSet found = new BitSet();
      for (MemorySegment record : records) {
        String text = new String(record.toArray(ValueLayout.JAVA_BYTE), US_ASCII);
        int number = Integer.parseInt(text.substring(0, text.indexOf(' ')));
        require(record.mismatch(MemorySegment.ofArray(record(number))) == -1, "torn: " + text);
        require(!found.get(number), number + " was written twice");
        found.set(number);
      }
      all.andNot(found);
      require(all.isEmpty(), all + " were accepted and are lost");
    }
  }

  private void write() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Accepted accepted = new Accepted();
    try (RecordWriter writer = RecordWriter.open(out, smallChunks())) {
      atEachDistance(
          () -> {
            for (int i = 0; i < 4; i++) {
              accepted.write(writer::write);
            }
          },
          () -> accepted.write(record -> writer.write(MemorySegment.ofArray(record))));
    }
    accepted.check(records(MemorySegment.ofArray(out.toByteArray())));
  }

  private void flush() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Accepted accepted = new Accepted();
    try (RecordWriter writer = RecordWriter.open(out, smallChunks())) {
      atEachDistance(
          writer::flush,
          () -> {
            accepted.write(writer::write);
            accepted.write(record ->
                writer.write(
                    record.length,
                    slot -> {
                      slot.copyFrom(MemorySegment.ofArray(record));
                      return record.length;
                    }));
          });
    }
    accepted.check(records(MemorySegment.ofArray(out.toByteArray())));
  }

  private void writeText() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Accepted accepted = new Accepted();
    try (RecordWriter writer = RecordWriter.open(out, smallChunks())) {
      Accepted.Writing text = record -> writer.write(new String(record, US_ASCII));
      atEachDistance(
          () -> {
            for (int i = 0; i < 4; i++) {
              accepted.write(text);
            }
          },
          () -> accepted.write(text));
    }
    accepted.check(records(MemorySegment.ofArray(out.toByteArray())));
  }

  private void writeBatch() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Accepted accepted = new Accepted();
    RecordWriter writer = RecordWriter.open(out, smallChunks());
    RecordBatch[] batch = {accepted.nextBatch()};
    atEachDistance(
        () -> {
          RecordBatch written = batch[0];
          writer.write(written);
          accepted.acceptedLast(written.recordCount());
        },
        () -> batch[0] = accepted.nextBatch());
    writer.close();
    List<MemorySegment> records = records(MemorySegment.ofArray(out.toByteArray()));
    accepted.check(records);
    require(writer.recordCount() == records.size(), "it counted " + writer.recordCount());
  }

  private void writeAtomically(Path directory) throws Exception {
    Path parent = Files.createDirectory(directory.resolve("atomic"));
    Path file = parent.resolve("file");
    atEachDistance(
        () ->
            RecordWriter.writeAtomically(
                file,
                writer -> {
                  for (int i = 0; i < RECORDS; i++) {
                    writer.write(NumberedRecords.record(i));
                  }
                }),
        () -> {
          if (Files.deleteIfExists(file)) {
            require(works, "a call that has failed has made the file");
          }
          try (Stream<Path> left = Files.list(parent)) {
            require(left.findAny().isEmpty(), "a hidden file is left");
          }
        });
  }

  private void share() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Accepted accepted = new Accepted();
    try (SharedRecordWriter writer = RecordWriter.open(out, smallChunks()).shared()) {
      atEachDistance(
          () -> {
            for (int i = 0; i < 4; i++) {
              accepted.write(writer::write);
            }
            writer.flush();
          },
          () -> inOtherThread(() -> accepted.write(writer::write)));
    }
    accepted.check(records(MemorySegment.ofArray(out.toByteArray())));
  }

  private void rotate(Path directory) throws Exception {
    Path parent = Files.createDirectory(directory.resolve("rotated"));
    Accepted accepted = new Accepted();
    try (RotatingRecordWriter writer =
        RotatingRecordWriter.open(
            FileNaming.pattern(parent, "{number}"),
            RotationOptions.defaults().withWriterOptions(smallChunks()).withMaxFileSize(1000))) {
      atEachDistance(
          () -> {
            accepted.write(writer::write);
            writer.rotate();
            accepted.write(writer::write);
          },
          () -> inOtherThread(() -> accepted.write(writer::write)));
    }
    List<MemorySegment> records = new ArrayList<>();
    try (Stream<Path> files = Files.list(parent)) {
      for (Path file : files.toList()) {
        try (RecordReader reader = RecordReader.open(file)) {
          records.addAll(records(reader));
        }
      }
    }
    accepted.check(records);
  }

  /** Runs {@code operation} in a thread that has to wait if a lock was kept. */
  private static void inOtherThread(Operation operation) throws Exception {
    Throwable[] thrown = {null};
    Thread other =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              try {
                operation.run();
              } catch (Throwable e) {
                thrown[0] = e;
              }
            });
    other.join(LONG_MILLIS);
    require(!other.isAlive(), "a lock was kept");
    if (thrown[0] != null) {
      throw new AssertionError(thrown[0]);
    }
  }

  private static WriterOptions smallChunks() {
    return WriterOptions.defaults().withChunkSize(300).withCompression(Compression.none());
  }

  private void writeShards(int workers) throws Exception {
    MemoryShards target = new MemoryShards("shard");
    Accepted accepted = new Accepted();
    MultiThreadedWriterOptions options =
        MultiThreadedWriterOptions.defaults()
            .withNumShards(1)
            .withParallelism(workers)
            .withWriterOptions(smallChunks());
    try (MultiThreadedWriter writer = MultiThreadedWriter.open(target, options)) {
      atEachDistance(
          () -> {
            for (int i = 0; i < 4; i++) {
              accepted.write(writer::write);
            }
            writer.flush();
          },
          () -> accepted.write(record -> writer.write(MemorySegment.ofArray(record))));
    }
    List<MemorySegment> records = new ArrayList<>();
    for (Shard shard : target.shards().list()) {
      try (RecordReader reader = shard.open(ReaderOptions.defaults())) {
        records.addAll(records(reader));
      }
    }
    accepted.check(records);
  }

  private static List<MemorySegment> records(MemorySegment file) throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      return records(reader);
    }
  }

  private static List<MemorySegment> records(RecordReader reader) {
    List<MemorySegment> records = new ArrayList<>();
    for (MemorySegment record : reader) {
      records.add(MemorySegment.ofArray(record.toArray(ValueLayout.JAVA_BYTE)));
    }
    return records;
  }

  private void readShards() throws Exception {
    List<Shard> shards = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      shards.add(Shard.of("shard " + i, MemorySegment.ofArray(contents())));
    }
    long[] batches = {0};
    try (MultiThreadedReader reader = MultiThreadedReader.open(Shards.from(shards))) {
      Operation next =
          () -> {
            try (RecordBatch batch = reader.nextBatch()) {
              batches[0] += batch == null ? 0 : 1;
            }
          };
      atEachDistance(next, next);
      while (!reader.isAtEnd()) {
        next.run();
      }
    }
    require(batches[0] == 100L * CHUNKS, "only " + batches[0] + " batches");
  }

  private void listShards(Path parent) throws Exception {
    Path directory = Files.createTempDirectory(parent, "shards");
    Files.createFile(directory.resolve("shard_0"));
    Operation list = () -> Shards.inDirectory(directory);
    atEachDistance(list, list);
    require(LifetimeAssert.descriptors(directory) == 0, "the directory is still open");
  }
}
