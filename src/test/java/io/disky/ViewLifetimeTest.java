package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.disky.lifetime.RecordViews;
import io.disky.lifetime.RecordViews.View;
import io.disky.loader.DataLoader;
import io.disky.loader.LoadedBatch;
import io.disky.loader.LoaderOptions;
import io.disky.loader.RecordSource;
import io.disky.testing.WorkerThread;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.CoderMalfunctionError;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A view that was made of a record while it was valid ends with the record: each use of the view
 * throws. docs/guides/bypassing-the-guard.md promises it of each of these views.
 */
@EnabledOnOs({OS.LINUX, OS.MAC})
class ViewLifetimeTest {
  @TempDir private Path directory;
  private Path file;

  /** Takes a record while it is valid. */
  interface Taker {
    void take(MemorySegment record) throws Exception;
  }

  /** Where a record comes from, and what ends it: the end of the method. */
  interface Origin {
    void give(Path file, Taker taker) throws Exception;
  }

  /** An origin with its name. */
  record Named(String name, Origin origin) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Named> origins() {
    List<Named> all = new ArrayList<>();
    all.add(new Named("the next record, with strict lifetimes", ViewLifetimeTest::strict));
    all.add(new Named("a record of the next chunk", ViewLifetimeTest::nextChunk));
    all.add(new Named("a closed reader", ViewLifetimeTest::reader));
    all.add(new Named("a closed batch", ViewLifetimeTest::batch));
    all.add(new Named("the data of a closed batch", ViewLifetimeTest::data));
    all.add(new Named("a visitor that has returned", ViewLifetimeTest::visitor));
    all.add(new Named("a closed arena", ViewLifetimeTest::arena));
    all.add(new Named("the closed arena of a copy", ViewLifetimeTest::copy));
    all.add(new Named("a closed range", ViewLifetimeTest::range));
    all.add(new Named("a closed batch of shards", ViewLifetimeTest::shards));
    all.add(new Named("a closed batch of a loader", ViewLifetimeTest::loader));
    all.add(new Named("a slot writer that has returned", ViewLifetimeTest::slot));
    return all;
  }

  private static void strict(Path file, Taker taker) throws Exception {
    ReaderOptions strict = ReaderOptions.defaults().withStrictLifetimes(true);
    try (RecordReader reader = RecordReader.open(file, strict)) {
      taker.take(reader.next());
      assertThat(reader.next()).isNotNull();
    }
  }

  private static void nextChunk(Path file, Taker taker) throws Exception {
    try (RecordReader reader = RecordReader.open(file)) {
      taker.take(reader.next());
      assertThat(reader.next()).isNotNull();
      assertThat(reader.next()).isNotNull();
    }
  }

  private static void reader(Path file, Taker taker) throws Exception {
    try (RecordReader reader = RecordReader.open(file)) {
      taker.take(reader.next());
    }
  }

  private static void batch(Path file, Taker taker) throws Exception {
    try (RecordReader reader = RecordReader.open(file)) {
      try (RecordBatch batch = reader.nextBatch()) {
        taker.take(batch.get(0));
      }
      RecordBatch next = reader.nextBatch(); // in the same memory
      assertThat(next.recordCount()).isPositive();
      next.close();
    }
  }

  private static void data(Path file, Taker taker) throws Exception {
    try (RecordReader reader = RecordReader.open(file);
        RecordBatch batch = reader.nextBatch()) {
      taker.take(batch.data());
    }
  }

  private static void visitor(Path file, Taker taker) throws Exception {
    try (RecordReader reader = RecordReader.open(file)) {
      reader.visitBatches(batch -> taker.take(batch.get(0)));
    }
  }

  private static void arena(Path file, Taker taker) throws Exception {
    try (Arena arena = Arena.ofConfined();
        RecordReader reader = RecordReader.open(file)) {
      taker.take(reader.nextBatch(arena).get(0));
    }
  }

  private static void copy(Path file, Taker taker) throws Exception {
    try (Arena arena = Arena.ofConfined();
        RandomAccessReader reader = RandomAccessReader.open(file)) {
      taker.take(reader.get(1, arena));
    }
  }

  private static void range(Path file, Taker taker) throws Exception {
    try (RandomAccessReader reader = RandomAccessReader.open(file);
        RecordRange range = reader.batch(0, 3)) {
      taker.take(range.get(1));
    }
  }

  private static void shards(Path file, Taker taker) throws Exception {
    try (MultiThreadedReader reader = MultiThreadedReader.open(Shards.of(List.of(file)))) {
      try (RecordBatch batch = reader.nextBatch()) {
        taker.take(batch.get(0));
      }
    }
  }

  private static void loader(Path file, Taker taker) throws Exception {
    LoaderOptions options = LoaderOptions.defaults().withBatchSize(2);
    try (DataLoader loader = DataLoader.open(RecordSource.files(file), options)) {
      try (LoadedBatch batch = loader.next()) {
        taker.take(batch.data());
      }
    }
  }

  private static void slot(Path file, Taker taker) throws Exception {
    try (RecordWriter writer = RecordWriter.open(file.resolveSibling("slot"))) {
      writer.write(
          RecordViews.SIZE,
          slot -> {
            slot.fill((byte) 0);
            try {
              taker.take(slot);
            } catch (Exception e) {
              throw new IOException(e);
            }
            return slot.byteSize();
          });
    }
    Files.delete(file.resolveSibling("slot"));
  }

  @BeforeEach
  void setUp() throws IOException {
    file = directory.resolve("file");
    try (RecordWriter writer = RecordWriter.open(file)) {
      for (int i = 0; i < 4; i++) {
        writer.write(record(i));
        if (i % 2 == 1) {
          writer.flush();
        }
      }
    }
  }

  private static byte[] record(int number) {
    byte[] record = new byte[RecordViews.SIZE];
    for (int i = 0; i < RecordViews.SIZE - 1; i++) {
      record[i] = (byte) ('a' + number);
    }
    return record;
  }

  /** Returns what {@code use} throws. A decoder of text wraps it. */
  private static @Nullable Throwable refusal(ThrowingCallable use) {
    Throwable thrown = catchThrowable(use);
    return thrown instanceof CoderMalfunctionError ? thrown.getCause() : thrown;
  }

  @ParameterizedTest
  @MethodSource("origins")
  void everyViewEndsWithItsRecord(Named origin) throws Exception {
    for (Map.Entry<String, View> view : RecordViews.all(directory.resolve("scratch")).entrySet()) {
      List<ThrowingCallable> uses = new ArrayList<>();
      origin
          .origin()
          .give(
              file,
              record -> {
                ThrowingCallable use = view.getValue().of(record);
                assertThatCode(use)
                    .as("%s before: %s", view.getKey(), origin)
                    .doesNotThrowAnyException();
                uses.add(use);
              });
      assertThat(uses).isNotEmpty();
      for (ThrowingCallable use : uses) {
        assertThat(refusal(use))
            .as("%s after: %s", view.getKey(), origin)
            .isInstanceOf(IllegalStateException.class)
            .hasMessage("Already closed");
      }
    }
  }

  @Test
  void everyViewBelongsToTheThreadOfItsRecord() throws Exception {
    try (WorkerThread worker = new WorkerThread();
        RecordReader reader = RecordReader.open(file)) {
      MemorySegment record = reader.next();
      assertThat(record.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 'a');
      for (Map.Entry<String, View> view :
          RecordViews.all(directory.resolve("scratch")).entrySet()) {
        ThrowingCallable use = view.getValue().of(record);
        worker.run(() ->
            assertThat(refusal(use)).as(view.getKey()).isInstanceOf(WrongThreadException.class));
      }
    }
  }
}
