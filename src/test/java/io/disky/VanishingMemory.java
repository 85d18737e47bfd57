package io.disky;

import io.disky.loading.ReadSource;
import io.disky.loading.RecordsHold;
import io.disky.loading.SuppliedBytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Uses memory of a mapped file that is truncated meanwhile, in a JVM of its own and with compiled
 * code, which learns of it late. Prints for each use in how many rounds the outcome was not what is
 * promised.
 */
final class VanishingMemory {
  private static final int MAPPED = 1 << 18;
  private static final int LEFT = 100;
  private static final int BEHIND = 70_000;
  private static final int CHUNK = 1 << 16;
  private static final int RECORDS = 10;
  private static final int RECORD_SIZE = 20;

  private final int warmUp;
  private final int rounds;
  private final Path mapped = Path.of("mapped");
  private final byte[] content = new byte[MAPPED];

  private VanishingMemory(int warmUp, int rounds) {
    this.warmUp = warmUp;
    this.rounds = rounds;
    Arrays.fill(content, (byte) 0x55);
  }

  /** Arguments: how often each use is made before, and in how many rounds memory then vanishes. */
  public static void main(String[] args) throws Exception {
    VanishingMemory uses =
        new VanishingMemory(Integer.parseInt(args[0]), Integer.parseInt(args[1]));
    for (int size : new int[] {1, 8, 40, 64, 100, 3000, 2 * CHUNK}) {
      uses.writeFrom("segment_" + size, size, RecordWriter::write);
    }
    uses.writeFrom(
        "view_without_mapping", 40, (writer, memory) -> writer.write(unrecognized(memory)));
    uses.writeFrom("buffer", 40, VanishingMemory::writeBuffer);
    uses.writeFrom("slot", 40, VanishingMemory::writeSlot);
    uses.writeSharded("sharded", MultiThreadedWriter::write, 1);
    uses.writeSharded("sharded_async", (writer, memory) -> writer.writeAsync(memory).isDone(), 100);
    uses.writeSharded("sharded_slot", VanishingMemory::writeShardedSlot, 1);
    for (int threads : new int[] {0, 2}) {
      uses.writeTo("sink_" + threads, threads, RecordWriter::open);
      uses.writeTo("sink_of_user_" + threads, threads, VanishingMemory::openStream);
    }
    uses.read();
    uses.supply("supplied", SuppliedBytes::add);
    uses.supply("supplied_by_copy", VanishingMemory::addCopy);
    System.out.println("done 1");
  }

  private void print(String use, int wrong) {
    System.out.println(use + " " + wrong);
  }

  private interface MappedUse {
    void with(MemorySegment memory, FileChannel channel) throws Exception;
  }

  private void map(MappedUse use) throws Exception {
    Files.write(mapped, content);
    try (Arena arena = Arena.ofShared();
        FileChannel channel =
            FileChannel.open(mapped, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      use.with(channel.map(MapMode.READ_WRITE, 0, MAPPED, arena), channel);
    }
  }

  /** The same memory, by a segment that does not know that it is mapped. */
  private static MemorySegment unrecognized(MemorySegment memory) {
    return MemorySegment.ofBuffer(memory.asByteBuffer().asCharBuffer());
  }

  private interface RecordWrite {
    void write(RecordWriter writer, MemorySegment memory) throws IOException;
  }

  private static void writeBuffer(RecordWriter writer, MemorySegment memory) throws IOException {
    ByteBuffer buffer = memory.asByteBuffer();
    try {
      writer.write(buffer);
    } catch (IOException e) {
      if (buffer.position() != 0) {
        throw new AssertionError("the position was moved", e);
      }
      throw e;
    }
  }

  private static void writeSlot(RecordWriter writer, MemorySegment memory) throws IOException {
    writer.write(
        memory.byteSize(),
        slot -> {
          MemorySegment.copy(memory, 0, slot, 0, memory.byteSize());
          return memory.byteSize();
        });
  }

  /** Not to be compiled into its callers: the JVM would notice in time at their ends. */
  private static boolean fails(RecordWrite write, RecordWriter writer, MemorySegment memory)
      throws IOException {
    try {
      write.write(writer, memory);
      return false;
    } catch (MemoryFaultException e) {
      return true;
    }
  }

  private void writeFrom(String use, int size, RecordWrite write) throws Exception {
    WriterOptions options = WriterOptions.defaults().withChunkSize(CHUNK);
    map((memory, channel) -> {
      try (RecordWriter writer =
          RecordWriter.open(
              OutputStream.nullOutputStream(), options.withCompression(Compression.none()))) {
        for (int i = 0; i < (size < 1000 ? warmUp : warmUp / 10); i++) {
          fails(write, writer, memory.asSlice(i % 1000, size));
        }
      }
    });
    int[] wrong = new int[1];
    for (int round = 0; round < rounds; round++) {
      map((memory, channel) -> {
        channel.truncate(LEFT);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        boolean failed = false;
        try (RecordWriter writer = RecordWriter.open(out, options)) {
          for (int i = 0; i < RECORDS; i++) {
            writer.write(record(i));
            if (i == RECORDS / 2) {
              failed = fails(write, writer, memory.asSlice(BEHIND, size));
            }
          }
          if (writer.recordCount() != RECORDS || writer.recordBytes() != RECORDS * RECORD_SIZE) {
            failed = false;
          }
        } catch (Throwable e) {
          failed = false;
        }
        wrong[0] += failed && isComplete(out.toByteArray()) ? 0 : 1;
      });
    }
    print(use, wrong[0]);
  }

  private static byte[] record(int number) {
    byte[] record = new byte[RECORD_SIZE];
    Arrays.fill(record, (byte) number);
    return record;
  }

  private static boolean isComplete(byte[] file) throws IOException {
    return isComplete(RecordReader.open(MemorySegment.ofArray(file)));
  }

  private static boolean isComplete(RecordReader opened) throws IOException {
    try (RecordReader reader = opened) {
      int number = 0;
      for (MemorySegment found : reader) {
        if (!Arrays.equals(found.toArray(ValueLayout.JAVA_BYTE), record(number++))) {
          return false;
        }
      }
      return number == RECORDS;
    }
  }

  private interface ShardedWrite {
    void write(MultiThreadedWriter writer, MemorySegment memory) throws IOException;
  }

  private static void writeShardedSlot(MultiThreadedWriter writer, MemorySegment memory)
      throws IOException {
    writer.write(
        memory.byteSize(),
        slot -> {
          MemorySegment.copy(memory, 0, slot, 0, memory.byteSize());
          return memory.byteSize();
        });
  }

  /** Every {@code each}th call of the warm-up is the use. */
  private void writeSharded(String use, ShardedWrite write, int each) throws Exception {
    MultiThreadedWriterOptions options =
        MultiThreadedWriterOptions.defaults().withNumShards(1).withParallelism(1);
    map((memory, channel) -> {
      try (MultiThreadedWriter writer =
          MultiThreadedWriter.open(new MemoryShards("warm"), options)) {
        for (int i = 0; i < warmUp; i++) {
          failsSharded(
              i % each == 0 ? write : MultiThreadedWriter::write,
              writer,
              memory.asSlice(i % 1000, 40));
        }
      }
    });
    int[] wrong = new int[1];
    for (int round = 0; round < rounds; round++) {
      map((memory, channel) -> {
        channel.truncate(LEFT);
        MemoryShards shards = new MemoryShards("shard");
        boolean failed = false;
        try (MultiThreadedWriter writer = MultiThreadedWriter.open(shards, options)) {
          for (int i = 0; i < RECORDS; i++) {
            writer.write(record(i));
            if (i == RECORDS / 2) {
              failed = failsSharded(write, writer, memory.asSlice(BEHIND, 40));
            }
          }
        } catch (Throwable e) {
          failed = false;
        }
        Shard shard = shards.shards().list().getFirst();
        wrong[0] += failed && isComplete(shard.open(ReaderOptions.defaults())) ? 0 : 1;
      });
    }
    print(use, wrong[0]);
  }

  private static boolean failsSharded(
      ShardedWrite write, MultiThreadedWriter writer, MemorySegment memory) throws IOException {
    try {
      write.write(writer, memory);
      return false;
    } catch (MemoryFaultException e) {
      return true;
    }
  }

  private interface SinkOpening {
    RecordWriter open(MemorySegment memory, WriterOptions options) throws IOException;
  }

  /** A stream of a user that puts bytes into mapped memory. */
  private static RecordWriter openStream(MemorySegment memory, WriterOptions options)
      throws IOException {
    return RecordWriter.open(
        new OutputStream() {
          private long written;

          @Override
          public void write(int one) {
            throw new UnsupportedOperationException();
          }

          @Override
          public void write(byte[] bytes, int offset, int length) {
            MemorySegment.copy(bytes, offset, memory, ValueLayout.JAVA_BYTE, written, length);
            written += length;
          }
        },
        options);
  }

  /** The file is whole again after the first failure: what is written then must not hide it. */
  private void writeTo(String use, int threads, SinkOpening opening) throws Exception {
    WriterOptions options =
        WriterOptions.defaults()
            .withChunkSize(1000)
            .withCompression(Compression.none())
            .withParallelism(threads);
    int wrong = 0;
    for (int round = -warmUp / 100; round < rounds; round++) {
      boolean truncated = round >= 0;
      int[] failed = new int[1];
      map((memory, channel) -> {
        RecordWriter writer = opening.open(memory, options);
        for (int i = 0; i < 30 && failed[0] == 0; i++) {
          if (truncated && i == 10) {
            channel.truncate(LEFT);
          }
          failed[0] += failsToWrite(writer) ? 1 : 0;
        }
        if (truncated) {
          channel.write(ByteBuffer.allocate(1), MAPPED - 1);
        }
        failed[0] += failsToWrite(writer) ? 1 : 0;
        try {
          writer.close();
        } catch (IOException e) {
          failed[0]++;
        }
      });
      wrong += failed[0] == (truncated ? 3 : 0) ? 0 : 1;
    }
    print(use, wrong);
  }

  /** Whether it fails as promised: with an {@code IOException}, the first time of its own kind. */
  private static boolean failsToWrite(RecordWriter writer) {
    try {
      writer.write(new byte[900]);
      return false;
    } catch (IOException e) {
      return e instanceof MemoryFaultException || e.getCause() instanceof MemoryFaultException;
    }
  }

  private void read() throws Exception {
    byte[] file = file();
    readFrom("source", file, RecordReader::open);
    readFrom("source_without_mapping", file, memory -> RecordReader.open(unrecognized(memory)));
    readFrom("source_of_user", file, memory -> RecordReader.open(stream(memory)));
    readTo("batch_in_arena", file);
    writeBatch("batch", file);
    Files.write(Path.of("indexed"), file);
    try (RandomAccessReader reader = RandomAccessReader.open(Path.of("indexed"))) {
      copyTo("copy_in_arena", arena -> reader.get(3, arena));
      copyTo("copies_in_arena", arena -> reader.getAll(new long[] {1, 3}, arena));
    }
  }

  private static byte[] file() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (RecordWriter writer = RecordWriter.open(out, WriterOptions.defaults())) {
      for (int i = 0; i < RECORDS; i++) {
        writer.write(record(i));
      }
    }
    return out.toByteArray();
  }

  private interface SourceOpening {
    RecordReader open(MemorySegment memory) throws IOException;
  }

  /** A stream of a user that takes bytes from mapped memory. */
  private static InputStream stream(MemorySegment memory) {
    return new InputStream() {
      private long position;

      @Override
      public int read() {
        throw new UnsupportedOperationException();
      }

      @Override
      public int read(byte[] bytes, int offset, int length) {
        int size = (int) Math.min(length, memory.byteSize() - position);
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, position, bytes, offset, size);
        position += size;
        return size == 0 ? -1 : size;
      }
    };
  }

  /** The file begins where nothing is left, so that no part of it can be read. */
  private void readFrom(String use, byte[] file, SourceOpening opening) throws Exception {
    int wrong = 0;
    for (int round = -warmUp / 100; round < rounds; round++) {
      boolean truncated = round >= 0;
      boolean[] right = new boolean[1];
      map((memory, channel) -> {
        MemorySegment part = memory.asSlice(BEHIND, file.length + file.length % 2);
        MemorySegment.copy(file, 0, part, ValueLayout.JAVA_BYTE, 0, file.length);
        if (truncated) {
          channel.truncate(LEFT);
        }
        try {
          right[0] = isComplete(opening.open(part)) != truncated;
        } catch (IOException e) {
          right[0] = truncated && e instanceof MemoryFaultException;
        } catch (UncheckedIOException e) {
          right[0] = truncated && e.getCause() instanceof MemoryFaultException;
        } catch (Throwable e) {
          right[0] = false;
        }
      });
      wrong += right[0] ? 0 : 1;
    }
    print(use, wrong);
  }

  /** An arena of a user, whose memory is that of a mapped file. */
  private record MappedArena(MemorySegment memory) implements Arena {
    @Override
    public MemorySegment allocate(long byteSize, long byteAlignment) {
      return unrecognized(memory).asSlice(BEHIND + BEHIND % 2, byteSize);
    }

    @Override
    public MemorySegment.Scope scope() {
      return memory.scope();
    }

    @Override
    public void close() {}
  }

  /** As {@link MappedArena}; each piece of memory is behind the one before. */
  private static final class ConsecutiveArena implements Arena {
    private final MemorySegment memory;
    private long next = BEHIND + BEHIND % Long.BYTES;

    ConsecutiveArena(MemorySegment memory) {
      this.memory = memory;
    }

    @Override
    public MemorySegment allocate(long byteSize, long byteAlignment) {
      long begin = (next + byteAlignment - 1) / byteAlignment * byteAlignment;
      next = begin + byteSize;
      return memory.asSlice(begin, byteSize);
    }

    @Override
    public MemorySegment.Scope scope() {
      return memory.scope();
    }

    @Override
    public void close() {}
  }

  private void readTo(String use, byte[] file) throws Exception {
    int wrong = 0;
    for (int round = -warmUp / 100; round < rounds; round++) {
      boolean truncated = round >= 0;
      boolean[] failed = new boolean[1];
      List<byte[]> found = new ArrayList<>();
      map((memory, channel) -> {
        if (truncated) {
          channel.truncate(LEFT);
        }
        try (RecordReader reader = RecordReader.open(MemorySegment.ofArray(file))) {
          try {
            reader.nextBatch(new MappedArena(memory));
          } catch (MemoryFaultException e) {
            failed[0] = true;
          }
          reader.forEach(record -> found.add(record.toArray(ValueLayout.JAVA_BYTE)));
        }
      });
      // A reader whose caller has lost memory stays where it is.
      wrong += failed[0] == truncated && found.size() == (truncated ? RECORDS : 0) ? 0 : 1;
    }
    print(use, wrong);
  }

  /** A batch of an arena of a user: both its records and their ends are no longer there. */
  private void writeBatch(String use, byte[] file) throws Exception {
    int wrong = 0;
    for (int round = -warmUp / 100; round < rounds; round++) {
      boolean truncated = round >= 0;
      boolean[] right = new boolean[1];
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      map((memory, channel) -> {
        try (RecordReader reader = RecordReader.open(MemorySegment.ofArray(file));
            RecordWriter writer = RecordWriter.open(out)) {
          RecordBatch batch = reader.nextBatch(new ConsecutiveArena(memory));
          if (truncated) {
            channel.truncate(LEFT);
          }
          right[0] = failsToWrite(writer, batch) == truncated;
          for (int i = 0; truncated && i < RECORDS; i++) {
            writer.write(record(i));
          }
          right[0] &= writer.recordCount() == RECORDS;
        } catch (Throwable e) {
          right[0] = false;
        }
      });
      wrong += right[0] && isComplete(out.toByteArray()) ? 0 : 1;
    }
    print(use, wrong);
  }

  private static boolean failsToWrite(RecordWriter writer, RecordBatch batch) throws IOException {
    try {
      writer.write(batch);
      return false;
    } catch (MemoryFaultException e) {
      return true;
    }
  }

  private interface Copying {
    Object copyTo(Arena arena) throws IOException;
  }

  private void copyTo(String use, Copying copying) throws Exception {
    int wrong = 0;
    for (int round = -1; round < rounds; round++) {
      boolean truncated = round >= 0;
      boolean[] failed = new boolean[1];
      map((memory, channel) -> {
        Arena arena = new MappedArena(memory);
        for (int i = 0; i < (truncated ? 0 : warmUp); i++) {
          fails(copying, arena);
        }
        if (truncated) {
          channel.truncate(LEFT);
          failed[0] = fails(copying, arena);
        }
      });
      wrong += failed[0] == truncated ? 0 : 1;
    }
    print(use, wrong);
  }

  private static boolean fails(Copying copying, Arena arena) throws IOException {
    try {
      copying.copyTo(arena);
      return false;
    } catch (MemoryFaultException e) {
      return true;
    }
  }

  private interface Adding {
    void add(SuppliedBytes target, MemorySegment memory) throws IOException;
  }

  /** The user's code reads the memory itself. */
  private static void addCopy(SuppliedBytes target, MemorySegment memory) {
    byte[] copy = memory.toArray(ValueLayout.JAVA_BYTE);
    target.add(copy, 0, copy.length);
  }

  /** A source that is code, with records in mapped memory: the other records are intact. */
  private void supply(String use, Adding adding) throws Exception {
    int wrong = 0;
    for (int round = -1; round < rounds; round++) {
      boolean truncated = round >= 0;
      boolean[] right = {!truncated};
      map((memory, channel) -> {
        MemorySegment part = memory.asSlice(BEHIND, RECORD_SIZE);
        ReadSource source =
            new ReadSource(
                "code",
                RECORDS,
                1,
                1,
                target ->
                    number -> {
                      if (number == 1) {
                        adding.add(target, part);
                      } else {
                        target.add(record((int) number), 0, RECORD_SIZE);
                      }
                    });
        for (int i = 0; i < (truncated ? 0 : warmUp); i++) {
          source.read(new long[] {0, 1, 2}, 3).close();
        }
        if (truncated) {
          channel.truncate(LEFT);
          try (RecordsHold hold = source.read(new long[] {0, 1, 2}, 3)) {
            MemorySegment last = hold.part(2).asSlice(hold.offset(2), hold.size(2));
            right[0] =
                hold.failure(0) == null
                    && hold.failure(1) != null
                    && hold.failure(2) == null
                    && last.mismatch(MemorySegment.ofArray(record(2))) == -1;
          }
        }
        source.close();
      });
      wrong += right[0] ? 0 : 1;
    }
    print(use, wrong);
  }
}
