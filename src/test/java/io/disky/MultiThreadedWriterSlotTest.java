package io.disky;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.disky.testing.ReadingWay;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Records that are built in place in the chunks of a {@link MultiThreadedWriter}. */
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MultiThreadedWriterSlotTest {
  @TempDir private Path directory;

  private final List<String> expected = new ArrayList<>();

  private static MultiThreadedWriterOptions options(int workers) {
    return MultiThreadedWriterOptions.defaults()
        .withNumShards(2)
        .withParallelism(workers)
        .withWriterOptions(WriterOptions.defaults().withChunkSize(1000));
  }

  private MultiThreadedWriter open(int workers) throws IOException {
    return MultiThreadedWriter.open(directory, options(workers));
  }

  private static long fill(MemorySegment slot, String text) {
    byte[] bytes = text.getBytes(UTF_8);
    MemorySegment.copy(bytes, 0, slot, JAVA_BYTE, 0, bytes.length);
    return bytes.length;
  }

  private void build(MultiThreadedWriter writer, long maxSize, String text) throws IOException {
    writer.write(
        maxSize,
        slot -> {
          assertThat(slot.byteSize()).isEqualTo(maxSize);
          assertThat(slot.mismatch(MemorySegment.ofArray(new byte[(int) maxSize])))
              .as("zeroed")
              .isEqualTo(-1);
          slot.fill((byte) 'x');
          return fill(slot, text);
        });
    expected.add(text);
  }

  private void assertRecords() throws IOException {
    List<String> records = new ArrayList<>();
    for (Shard shard : Shards.inDirectory(directory).list()) {
      for (byte[] record : ReadingWay.VISIT.read(Path.of(shard.name()))) {
        records.add(new String(record, UTF_8));
      }
    }
    assertThat(records).containsExactlyInAnyOrderElementsOf(expected);
  }

  /** In between are records that do not fit into their chunk, which the next chunk takes. */
  @ParameterizedTest
  @CsvSource({"0, DISKY, 0", "3, DISKY, 300", "1, DISKY, 5000", "0, ARRAY_RECORD, 20"})
  void recordsAreWrittenOnce(int workers, String kind, int room) throws IOException {
    WriterOptions writing = options(workers).writerOptions();
    if (kind.equals("ARRAY_RECORD")) {
      writing = writing.withContainer(Container.ARRAY_RECORD).withGroupSize(3);
    }
    try (MultiThreadedWriter writer =
        MultiThreadedWriter.open(directory, options(workers).withWriterOptions(writing))) {
      for (int i = 0; i < 300; i++) {
        String text = ("record " + i + " ").repeat(i % 40);
        build(writer, text.length() + room, text);
        writer.write(text.getBytes(UTF_8));
        expected.add(text);
      }
      build(writer, 0, "");
    }
    assertRecords();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void manyThreads(int workers) throws Exception {
    try (MultiThreadedWriter writer = open(workers);
        var executor = Executors.newFixedThreadPool(8)) {
      List<Future<?>> all = new ArrayList<>();
      for (int thread = 0; thread < 8; thread++) {
        String name = "thread " + thread + " record ";
        for (int i = 0; i < 500; i++) {
          expected.add(name + i);
        }
        all.add(
            executor.submit(() -> {
              for (int i = 0; i < 500; i++) {
                String text = name + i;
                writer.write(100, slot -> fill(slot, text));
              }
              return null;
            }));
      }
      for (Future<?> each : all) {
        each.get();
      }
    }
    assertRecords();
  }

  private static List<ThrowingCallable> uses(MultiThreadedWriter writer) {
    byte[] record = new byte[10];
    return List.of(
        () -> writer.write(record),
        () -> writer.write(record, 1, 2),
        () -> writer.write(ByteBuffer.wrap(record)),
        () -> writer.write(MemorySegment.ofArray(record)),
        () -> writer.write(10, _ -> 0),
        () -> writer.writeAsync(record),
        () -> writer.writeAsync(MemorySegment.ofArray(record)),
        writer::flush,
        writer::flushAsync,
        () -> writer.flush(FlushMode.SYNC),
        writer::close);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void aSlotWriterCannotUseItsWriter(int workers) throws IOException {
    try (MultiThreadedWriter writer = open(workers)) {
      writer.write(
          10,
          slot -> {
            for (ThrowingCallable use : uses(writer)) {
              assertThatIllegalStateException()
                  .isThrownBy(use)
                  .withMessageContaining("cannot be used by its own slot writer: return from it");
            }
            assertThat(writer.isOpen()).isTrue();
            assertThat(writer.pendingTasks()).isZero();
            return fill(slot, "outer");
          });
      expected.add("outer");
      build(writer, 20, "next");
    }
    assertRecords();
  }

  @Test
  void aSlotWriterCanUseAnotherWriter() throws IOException {
    MemoryShards second = new MemoryShards("second");
    try (MultiThreadedWriter writer = open(0);
        MultiThreadedWriter other = MultiThreadedWriter.open(second, options(0))) {
      writer.write(
          10,
          slot -> {
            other.write(10, inner -> fill(inner, "inner"));
            return fill(slot, "outer");
          });
      expected.add("outer");
      other.flush();
      assertThat(other.shards().stream().mapToLong(WrittenShard::recordCount).sum()).isEqualTo(1);
    }
    assertRecords();
  }

  @Test
  void aRecordWhoseSlotWriterFailsIsDiscarded() throws IOException {
    try (MultiThreadedWriter writer = open(1)) {
      build(writer, 50, "before");
      for (Throwable failure :
          List.of(
              new SocketTimeoutException(), new IllegalStateException(), new AssertionError())) {
        assertThatThrownBy(() ->
                writer.write(
                    3000,
                    slot -> {
                      slot.fill((byte) 'f');
                      throw MultiThreadedWriterSlotTest.<RuntimeException>undeclared(failure);
                    }))
            .isSameAs(failure);
        build(writer, 70, "after");
      }
      for (long size : new long[] {-1, 101, Long.MIN_VALUE, Long.MAX_VALUE}) {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> writer.write(100, _ -> size))
            .withMessage("a record of " + size + " bytes was built in a slot of 100");
      }
      assertThatIllegalArgumentException()
          .isThrownBy(() -> writer.write(-1, _ -> 0))
          .withMessageContaining("-1");
      assertThatNullPointerException().isThrownBy(() -> writer.write(10, (SlotWriter) null));
      build(writer, 50, "last");
    }
    assertRecords();
  }

  /** Throws, as languages without checked exceptions do. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <X extends Throwable> X undeclared(Throwable failure) throws X {
    throw (X) failure;
  }

  @Test
  void aSlotEndsWithItsCall() throws IOException {
    List<MemorySegment> slots = new ArrayList<>();
    try (MultiThreadedWriter writer = open(1)) {
      writer.write(
          10,
          slot -> {
            slots.add(slot);
            return fill(slot, "kept");
          });
      expected.add("kept");
      assertThatIllegalStateException()
          .isThrownBy(() -> slots.getFirst().set(JAVA_BYTE, 0, (byte) 1));
    }
    assertRecords();
  }

  /** A thread that builds a record keeps no other thread from writing; closing waits for it. */
  @Test
  void othersWriteMeanwhileAndClosingWaits() throws Exception {
    CountDownLatch building = new CountDownLatch(1);
    CountDownLatch written = new CountDownLatch(1);
    MultiThreadedWriter writer = open(1);
    try (var executor = Executors.newFixedThreadPool(2)) {
      Future<?> builder =
          executor.submit(() -> {
            writer.write(
                10,
                slot -> {
                  building.countDown();
                  await(written);
                  return fill(slot, "slow");
                });
            return null;
          });
      building.await();
      for (int i = 0; i < 200; i++) {
        writer.write("fast".getBytes(UTF_8));
        expected.add("fast");
      }
      Future<?> closing =
          executor.submit(() -> {
            writer.close();
            return null;
          });
      while (writer.isOpen()) {
        Thread.onSpinWait();
      }
      assertThat(closing.isDone()).isFalse();
      written.countDown();
      builder.get();
      closing.get();
      expected.add("slow");
    }
    assertRecords();
    assertThatIllegalStateException()
        .isThrownBy(() -> writer.write(10, _ -> 0))
        .withMessageContaining("is closed");
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
