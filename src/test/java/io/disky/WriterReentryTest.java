package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.disky.testing.NumberedRecords;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The user's code that a writer calls in the middle of an operation must not begin another one. */
class WriterReentryTest {
  private static final int COUNT = 100;
  private static final WriterOptions OPTIONS =
      WriterOptions.defaults().withChunkSize(400).withCompression(Compression.none());

  private static void assertAllRefused(RecordWriter writer, String callback) {
    Map<String, ThrowingCallable> operations = new LinkedHashMap<>();
    operations.put("write array", () -> writer.write(new byte[8]));
    operations.put("write buffer", () -> writer.write(ByteBuffer.allocate(8)));
    operations.put("write segment", () -> writer.write(MemorySegment.ofArray(new byte[8])));
    operations.put("write slot", () -> writer.write(8, _ -> 8));
    operations.put("flush", writer::flush);
    operations.put("sync", () -> writer.flush(FlushMode.SYNC));
    operations.put("lastPosition", writer::lastPosition);
    operations.put("close", writer::close);
    operations.put("discard", writer::discard);
    long records = writer.recordCount();
    operations.forEach((name, operation) ->
        assertThatIllegalStateException()
            .as(name)
            .isThrownBy(operation)
            .withMessageContaining("the writer of stream")
            .withMessageContaining(callback));
    assertThat(writer.isOpen()).isTrue();
    assertThat(writer.recordCount()).isEqualTo(records);
  }

  /** Calls the user's code whenever it is called, once there is a writer. */
  private static final class Stream extends ByteArrayOutputStream {
    private final Consumer<RecordWriter> code;
    private RecordWriter writer;
    private int calls;

    Stream(Consumer<RecordWriter> code) {
      this.code = code;
    }

    private void call() {
      if (writer != null && writer.isOpen()) {
        calls++;
        code.accept(writer);
      }
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) {
      call();
      super.write(bytes, offset, length);
      call();
    }

    @Override
    public void flush() {
      call();
    }
  }

  private static void assertWhole(byte[] written) throws IOException {
    try (RecordReader reader = RecordReader.open(MemorySegment.ofArray(written))) {
      NumberedRecords.assertRest(reader, 0, COUNT - 1);
    }
  }

  @Test
  void streamsAreRefusedAndNothingIsLost() throws IOException {
    Stream stream = new Stream(writer -> assertAllRefused(writer, "its own stream"));
    try (RecordWriter writer = RecordWriter.open(stream, OPTIONS)) {
      stream.writer = writer;
      for (int i = 0; i < COUNT; i++) {
        switch (i % 3) {
          case 0 -> writer.write(NumberedRecords.record(i));
          case 1 -> writer.write(MemorySegment.ofArray(NumberedRecords.record(i)));
          default -> writeInPlace(writer, NumberedRecords.record(i));
        }
        if (i % 20 == 19) {
          writer.flush();
        }
      }
    }
    assertThat(stream.calls).isGreaterThan(10);
    assertWhole(stream.toByteArray());
  }

  private static void writeInPlace(RecordWriter writer, byte[] record) throws IOException {
    writer.write(
        record.length,
        slot -> {
          assertAllRefused(writer, "building a record in place");
          slot.copyFrom(MemorySegment.ofArray(record));
          return record.length;
        });
  }

  /** The writer's threads call the stream, while its owner goes on. */
  @Test
  void streamsOfWritersWithThreadsAreRefused() throws IOException {
    Stream stream =
        new Stream(writer -> {
          assertThatIllegalStateExceptionOrWrongThread(() -> writer.write(new byte[8]));
          assertThatIllegalStateExceptionOrWrongThread(writer::close);
        });
    try (RecordWriter writer = RecordWriter.open(stream, OPTIONS.withParallelism(2))) {
      stream.writer = writer;
      for (int i = 0; i < COUNT; i++) {
        writer.write(NumberedRecords.record(i));
      }
      writer.flush();
    }
    assertThat(stream.calls).isGreaterThan(2);
    assertWhole(stream.toByteArray());
  }

  private static void assertThatIllegalStateExceptionOrWrongThread(ThrowingCallable operation) {
    assertThat(catchThrowable(operation))
        .isInstanceOfAny(IllegalStateException.class, WrongThreadException.class);
  }

  @Test
  void channelsAreRefused() throws IOException {
    Stream stream = new Stream(_ -> {});
    RecordWriter[] opened = new RecordWriter[1];
    WritableByteChannel channel =
        new WritableByteChannel() {
          @Override
          public int write(ByteBuffer bytes) {
            if (opened[0] != null && opened[0].isOpen()) {
              assertThatIllegalStateException()
                  .isThrownBy(() -> opened[0].write(new byte[8]))
                  .withMessage(
                      "the writer of channel cannot be used by its own channel: return from it"
                          + " first");
            }
            byte[] copy = new byte[bytes.remaining()];
            bytes.get(copy);
            stream.write(copy, 0, copy.length);
            return copy.length;
          }

          @Override
          public boolean isOpen() {
            return true;
          }

          @Override
          public void close() {
            // A channel may well close whatever writes to it.
            try {
              opened[0].close();
            } catch (IOException e) {
              throw new AssertionError(e);
            }
          }
        };
    try (RecordWriter writer = RecordWriter.open(channel, OPTIONS)) {
      opened[0] = writer;
      for (int i = 0; i < COUNT; i++) {
        writer.write(NumberedRecords.record(i));
      }
    }
    assertWhole(stream.toByteArray());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void nothingThatAShardedWriterCallsMayUseIt(int workers) throws IOException {
    MultiThreadedWriter[] opened = new MultiThreadedWriter[1];
    int[] refused = new int[1];
    Map<String, ByteArrayOutputStream> streams = new ConcurrentHashMap<>();
    ShardTarget target =
        new ShardTarget() {
          @Override
          public String name() {
            return "target";
          }

          @Override
          public String name(long number) {
            return "shard_" + number;
          }

          @Override
          public RecordWriter open(long number, WriterOptions options) throws IOException {
            refuse("its own shard target");
            Stream stream = new Stream(_ -> refuse("its own shard"));
            streams.put(name(number), stream);
            stream.writer = RecordWriter.open(stream, options);
            return stream.writer;
          }

          private void refuse(String callback) {
            refuseAll(opened[0], callback, refused);
          }
        };
    ShardListener listener =
        new ShardListener() {
          @Override
          public void opened(String shard) {
            refuseAll(opened[0], "its own shard listener", refused);
          }

          @Override
          public void finished(String shard, long records) {
            refuseAll(opened[0], "its own shard listener", refused);
          }
        };
    MultiThreadedWriterOptions options =
        MultiThreadedWriterOptions.defaults()
            .withNumShards(1)
            .withParallelism(workers)
            .withMaxBytesPerWriter(1000)
            .withWriterOptions(OPTIONS)
            .withShardListener(listener);
    try (MultiThreadedWriter writer = MultiThreadedWriter.open(target, options)) {
      opened[0] = writer;
      for (int i = 0; i < COUNT; i++) {
        writer.write(NumberedRecords.record(i));
      }
      writer.flush();
      opened[0] = null;
    }
    assertThat(refused[0]).isGreaterThan(4);
    long records = 0;
    for (ByteArrayOutputStream stream : streams.values()) {
      try (RecordReader reader = RecordReader.open(MemorySegment.ofArray(stream.toByteArray()))) {
        records += reader.recordCount();
      }
    }
    assertThat(records).isEqualTo(COUNT);
  }

  private static void refuseAll(MultiThreadedWriter writer, String callback, int[] refused) {
    if (writer == null) {
      return;
    }
    Map<String, ThrowingCallable> operations = new LinkedHashMap<>();
    operations.put("write", () -> writer.write(new byte[1]));
    operations.put("writeAsync", () -> writer.writeAsync(new byte[1]));
    operations.put("flush", writer::flush);
    operations.put("flushAsync", writer::flushAsync);
    operations.put("close", writer::close);
    operations.forEach((name, operation) ->
        assertThatIllegalStateException()
            .as(name)
            .isThrownBy(operation)
            .withMessageContaining("the writer of target")
            .withMessageContaining(callback));
    synchronized (refused) {
      refused[0]++;
    }
  }
}
