package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.disky.testing.NumberedRecords;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Spliterator;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The user's code that a reader calls in the middle of an operation must not begin another one. */
class ReentryTest {
  private static final int CHUNKS = 6;
  private static final int PER_CHUNK = 5;
  private static final int COUNT = CHUNKS * PER_CHUNK;
  private static final int DAMAGED = 2;

  @TempDir private Path directory;
  private Path file;
  private Path damaged;

  @BeforeEach
  void setUp() throws IOException {
    file = NumberedRecords.write(directory.resolve("file"), Compression.none(), CHUNKS, PER_CHUNK);
    damaged = directory.resolve("damaged");
    byte[] bytes = Files.readAllBytes(file);
    try (RecordReader reader = RecordReader.open(file)) {
      reader.nextBatch().close();
      reader.nextBatch().close();
      // In the data of the chunk, behind its header.
      bytes[(int) reader.nextBatch().chunkBegin() + 60] ^= 1;
    }
    Files.write(damaged, bytes);
  }

  /** Everything that begins an operation. */
  private static Map<String, ThrowingCallable> operations(
      RecordReader reader, Iterator<MemorySegment> iterator) {
    Map<String, ThrowingCallable> operations = new LinkedHashMap<>();
    operations.put("nextBatch", reader::nextBatch);
    operations.put("nextBatch(arena)", () -> reader.nextBatch(Arena.ofAuto()));
    operations.put("next()", reader::next);
    operations.put("iterator", reader::iterator);
    operations.put("stream", reader::stream);
    operations.put("spliterator", reader::spliterator);
    operations.put("visit", () -> reader.visit(_ -> {}));
    operations.put("visitBatches", () -> reader.visitBatches(_ -> {}));
    operations.put("batches", reader::batches);
    operations.put("seek", () -> reader.seek(new RecordPosition(0, 0)));
    operations.put("seekNumeric", () -> reader.seekNumeric(1));
    operations.put("seekToOffset", () -> reader.seekToOffset(1));
    operations.put("seekBack", reader::seekBack);
    operations.put("rewind", reader::rewind);
    operations.put("search", () -> reader.search(_ -> 0));
    operations.put("verify", reader::verify);
    operations.put("count", reader::recordCount);
    operations.put("metadata", reader::metadata);
    operations.put("describe", reader::describe);
    operations.put("forEachChunk", () -> reader.forEachChunk(_ -> {}));
    operations.put("next", iterator::next);
    operations.put("hasNext", iterator::hasNext);
    return operations;
  }

  /** Every operation is refused by a message that names the reader and the callback. */
  private static void assertAllRefused(
      RecordReader reader, Iterator<MemorySegment> iterator, String callback) {
    operations(reader, iterator)
        .forEach((name, operation) ->
            assertThatIllegalStateException()
                .as(name)
                .isThrownBy(operation)
                .withMessageContaining("the reader of " + reader.name())
                .withMessageContaining("its own " + callback));
    // To look where it is does no harm.
    assertThat(reader.position()).isNotNull();
    assertThat(reader.isOpen()).isTrue();
  }

  /** Ways to read everything, each of which may call a listener or a logger. */
  enum Way {
    BATCHES {
      @Override
      void read(RecordReader reader, Consumer<MemorySegment> records) throws IOException {
        for (RecordBatch batch = reader.nextBatch(); batch != null; batch = reader.nextBatch()) {
          batch.forEach(records);
          batch.close();
        }
      }
    },
    ARENA {
      @Override
      void read(RecordReader reader, Consumer<MemorySegment> records) throws IOException {
        Arena arena = Arena.ofAuto();
        for (RecordBatch batch = reader.nextBatch(arena);
            batch != null;
            batch = reader.nextBatch(arena)) {
          batch.forEach(records);
        }
      }
    },
    ITERATION {
      @Override
      void read(RecordReader reader, Consumer<MemorySegment> records) {
        // As an iterator does, but as often as needed.
        reader.spliterator().forEachRemaining(records);
      }
    },
    VISIT {
      @Override
      void read(RecordReader reader, Consumer<MemorySegment> records) throws IOException {
        reader.visit(records::accept);
      }
    },
    BATCH_VISIT {
      @Override
      void read(RecordReader reader, Consumer<MemorySegment> records) throws IOException {
        reader.visitBatches(batch -> batch.forEach(records));
      }
    },
    AHEAD {
      @Override
      ReaderOptions options(ReaderOptions options) {
        return options
            .withParallelism(2)
            .withReadAhead(1000); // so little that small chunks will do
      }

      @Override
      void read(RecordReader reader, Consumer<MemorySegment> records) throws IOException {
        BATCHES.read(reader, records);
      }
    };

    ReaderOptions options(ReaderOptions options) {
      return options;
    }

    abstract void read(RecordReader reader, Consumer<MemorySegment> records) throws IOException;
  }

  private RecordReader recovering(Way way, Consumer<SkippedRegion> listener) throws IOException {
    return RecordReader.open(
        damaged,
        way.options(
            ReaderOptions.defaults()
                .withCorruptionStrategy(CorruptionStrategy.RECOVER)
                .withSkippedRegionListener(listener)));
  }

  private static List<Integer> intact() {
    return IntStream.range(0, COUNT).filter(i -> i / PER_CHUNK != DAMAGED).boxed().toList();
  }

  /** Takes records whose numbers are those of {@code expected}, in order. */
  private static final class Expected implements Consumer<MemorySegment> {
    private final List<Integer> expected;
    private int taken;

    Expected(List<Integer> expected) {
      this.expected = expected;
    }

    @Override
    public void accept(MemorySegment record) {
      NumberedRecords.assertRecord(record, expected.get(taken++));
    }

    void read(RecordBatch batch) {
      try (batch) {
        batch.forEach(this);
      }
    }

    void assertAllTaken() {
      assertThat(taken).isEqualTo(expected.size());
    }
  }

  @ParameterizedTest
  @EnumSource
  void aListenerIsRefusedAndNothingIsLost(Way way) throws IOException {
    RecordReader[] opened = new RecordReader[1];
    List<Iterator<MemorySegment>> iterator = new ArrayList<>();
    List<SkippedRegion> told = new ArrayList<>();
    Expected records = new Expected(intact());
    try (RecordReader reader =
        recovering(
            way,
            region -> {
              told.add(region);
              assertAllRefused(opened[0], iterator.getFirst(), "skipped-region listener");
            })) {
      opened[0] = reader;
      iterator.add(reader.iterator());
      way.read(reader, records);
      records.assertAllTaken();
      assertThat(told).hasSize(1).isEqualTo(reader.skippedRegions());
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatAListenerThrowsCostsNoRecord(Way way) throws IOException {
    List<SkippedRegion> told = new ArrayList<>();
    Expected records = new Expected(intact());
    try (RecordReader reader =
        recovering(
            way,
            region -> {
              told.add(region);
              throw new ArithmeticException("of the listener");
            })) {
      assertThatExceptionOfType(ArithmeticException.class)
          .isThrownBy(() -> way.read(reader, records));
      RecordPosition next = reader.position();
      way.read(reader, records);
      records.assertAllTaken();
      assertThat(told).hasSize(1);
      assertThat(next.chunkBegin()).isEqualTo(told.getFirst().end());
    }
  }

  @ParameterizedTest
  @EnumSource
  void aListenerMayCloseTheReader(Way way) throws IOException {
    RecordReader[] opened = new RecordReader[1];
    Expected records = new Expected(intact());
    try (RecordReader reader = recovering(way, _ -> opened[0].close())) {
      opened[0] = reader;
      assertThatIllegalStateException()
          .isThrownBy(() -> way.read(reader, records))
          .withMessage("the reader of " + damaged + " is closed");
      assertThat(records.taken).isEqualTo(DAMAGED * PER_CHUNK);
    }
  }

  @Test
  void aListenerOfAStreamOfBatchesIsRefusedToo() throws IOException {
    List<Spliterator<RecordBatch>> stream = new ArrayList<>();
    List<Throwable> thrown = new ArrayList<>();
    Expected records = new Expected(intact());
    try (RecordReader reader =
        recovering(
            Way.BATCHES,
            _ -> thrown.add(catchThrowable(() -> stream.getFirst().tryAdvance(records::read))))) {
      Spliterator<RecordBatch> batches = reader.batches().spliterator();
      stream.add(batches);
      batches.forEachRemaining(records::read);
      records.assertAllTaken();
      assertThat(thrown).hasSize(1);
      assertThat(thrown.getFirst())
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("its own skipped-region listener");
    }
  }

  /** An arena whose memory is that of another one, and comes after the user's code has run. */
  private static final class MyArena implements Arena {
    private final Arena arena = Arena.ofAuto();
    private final LongFunction<MemorySegment> memory;

    MyArena(Runnable code) {
      this.memory =
          size -> {
            code.run();
            return arena.allocate(size, 8);
          };
    }

    MyArena(LongFunction<MemorySegment> memory) {
      this.memory = memory;
    }

    @Override
    public MemorySegment allocate(long size, long alignment) {
      return memory.apply(size);
    }

    @Override
    public MemorySegment.Scope scope() {
      return arena.scope();
    }

    @Override
    public void close() {}
  }

  @ParameterizedTest
  @EnumSource(names = {"ARENA", "AHEAD", "ITERATION"})
  void anArenaIsRefusedAndNothingIsTorn(Way way) throws IOException {
    Expected records = new Expected(IntStream.range(0, COUNT).boxed().toList());
    try (RecordReader reader = RecordReader.open(file, way.options(ReaderOptions.defaults()))) {
      Iterator<MemorySegment> iterator = reader.iterator();
      Arena arena = new MyArena(() -> assertAllRefused(reader, iterator, "arena"));
      while (way != Way.ITERATION || iterator.hasNext()) {
        RecordBatch batch = reader.nextBatch(arena);
        if (batch == null) {
          break;
        }
        batch.forEach(records);
      }
      records.assertAllTaken();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"ARENA", "AHEAD", "ITERATION"})
  void anArenaMayCloseTheReader(Way way) throws IOException {
    try (RecordReader reader = RecordReader.open(file, way.options(ReaderOptions.defaults()))) {
      if (way == Way.ITERATION) {
        assertThat(reader.iterator().hasNext()).isTrue();
      }
      assertThatIllegalStateException()
          .isThrownBy(() -> reader.nextBatch(new MyArena(reader::close)))
          .withMessage("the reader of " + file + " is closed");
    }
  }

  @Test
  void anArenaThatFailsOrGivesTooLittleCostsNoRecord() throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      Arena failing =
          new MyArena(() -> {
            throw new ArithmeticException("of the arena");
          });
      assertThatExceptionOfType(ArithmeticException.class)
          .isThrownBy(() -> reader.nextBatch(failing));
      Arena small = new MyArena(size -> Arena.ofAuto().allocate(size - 1, 8));
      Arena readOnly = new MyArena(size -> Arena.ofAuto().allocate(size, 8).asReadOnly());
      for (Arena arena : List.of(small, readOnly)) {
        assertThatExceptionOfType(IllegalArgumentException.class)
            .isThrownBy(() -> reader.nextBatch(arena))
            .withMessageContaining("the arena did not allocate");
      }
      NumberedRecords.assertRest(reader, 0, COUNT - 1);
    }
  }

  /** Native code must not write there: who truncates the file would end the process. */
  @Test
  void anArenaMayGiveMappedMemory() throws IOException {
    Path target = directory.resolve("mapped");
    Files.write(target, new byte[1 << 16]);
    try (FileChannel channel =
            FileChannel.open(
                target,
                java.nio.file.StandardOpenOption.READ,
                java.nio.file.StandardOpenOption.WRITE);
        RecordReader reader = RecordReader.open(file)) {
      Arena auto = Arena.ofAuto();
      Arena mapping =
          new MyArena(size -> {
            try {
              return channel.map(MapMode.READ_WRITE, 0, size, auto);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
      // Both pieces are the same bytes of the file, of which the records are written last.
      assertThat(reader.nextBatch(mapping).data().byteSize()).isPositive();
      NumberedRecords.assertRest(reader, PER_CHUNK, COUNT - 1);
    }
  }

  @Test
  void visitorsAndSearchesAreRefused() throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      Iterator<MemorySegment> iterator = reader.iterator();
      Expected records = new Expected(IntStream.range(0, COUNT).boxed().toList());
      reader.visit(record -> {
        records.accept(record);
        assertAllRefused(reader, iterator, "record visitor");
        assertThat(reader.lastPosition().recordIndex()).isEqualTo((records.taken - 1) % PER_CHUNK);
      });
      records.assertAllTaken();

      reader.seekToOffset(0);
      Expected batches = new Expected(IntStream.range(0, COUNT).boxed().toList());
      reader.visitBatches(batch -> {
        assertAllRefused(reader, iterator, "batch visitor");
        batch.forEach(batches);
      });
      batches.assertAllTaken();

      boolean found =
          reader.search(record -> {
            assertAllRefused(reader, iterator, "record search");
            return NumberedRecords.isRecord(record, 13)
                ? 0
                : IntStream.range(0, 13).anyMatch(i -> NumberedRecords.isRecord(record, i))
                    ? -1
                    : 1;
          });
      assertThat(found).isTrue();
      NumberedRecords.assertRest(reader, 13, COUNT - 1);

      List<ChunkDescription> chunks = new ArrayList<>();
      reader.seekToOffset(0);
      reader.forEachChunk(chunk -> {
        chunks.add(chunk);
        if (chunk.recordCount() > 0) {
          NumberedRecords.assertRecord(iterator.next(), chunks.size() - 2);
        }
      });
      assertThat(chunks).hasSize(CHUNKS + 1);
    }
  }

  @Test
  void visitorsAndSearchesMayCloseTheReader() throws IOException {
    List<Consumer<RecordReader>> closing =
        List.of(
            reader -> unchecked(() -> reader.visit(_ -> reader.close())),
            reader -> unchecked(() -> reader.visitBatches(_ -> reader.close())),
            reader ->
                unchecked(() ->
                    reader.search(_ -> {
                      reader.close();
                      return 1;
                    })),
            reader -> unchecked(() -> reader.forEachChunk(_ -> reader.close())));
    for (Consumer<RecordReader> way : closing) {
      try (RecordReader reader = RecordReader.open(file)) {
        assertThatIllegalStateException()
            .isThrownBy(() -> way.accept(reader))
            .withMessage("the reader of " + file + " is closed");
      }
    }
  }

  private interface Reading {
    void run() throws IOException;
  }

  private static void unchecked(Reading reading) {
    try {
      reading.run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aVisitorThatThrowsLeavesTheRestOfTheChunk() throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      assertThatExceptionOfType(ArithmeticException.class)
          .isThrownBy(() ->
              reader.visit(_ -> {
                throw new ArithmeticException("of the visitor");
              }));
      NumberedRecords.assertRest(reader, 1, COUNT - 1);
    }
  }

  private interface Code {
    void run() throws IOException;
  }

  private InputStream stream(Code code) throws IOException {
    return new FilterInputStream(new ByteArrayInputStream(Files.readAllBytes(file))) {
      @Override
      public int read(byte[] bytes, int offset, int length) throws IOException {
        code.run();
        return super.read(bytes, offset, Math.min(length, 100));
      }
    };
  }

  private ReadableByteChannel channel(Code code) throws IOException {
    InputStream in = stream(code);
    return new ReadableByteChannel() {
      @Override
      public int read(ByteBuffer space) throws IOException {
        byte[] bytes = new byte[Math.min(100, space.remaining())];
        int read = in.read(bytes);
        if (read > 0) {
          space.put(bytes, 0, read);
        }
        return read;
      }

      @Override
      public boolean isOpen() {
        return true;
      }

      @Override
      public void close() {}
    };
  }

  @Test
  void streamsAndChannelsAreRefused() throws IOException {
    RecordReader[] opened = new RecordReader[1];
    List<Iterator<MemorySegment>> iterator = new ArrayList<>();
    for (String kind : List.of("stream", "channel")) {
      Code code = () -> assertAllRefused(opened[0], iterator.getLast(), kind);
      try (RecordReader reader =
          kind.equals("stream")
              ? RecordReader.open(stream(code))
              : RecordReader.open(channel(code))) {
        opened[0] = reader;
        iterator.add(reader.iterator());
        NumberedRecords.assertRest(reader, 0, COUNT - 1);
      }
    }
  }

  @Test
  void aStreamMayCloseItsReader() throws IOException {
    RecordReader[] opened = new RecordReader[1];
    try (RecordReader reader = RecordReader.open(stream(() -> opened[0].close()))) {
      opened[0] = reader;
      assertThatIllegalStateException()
          .isThrownBy(reader::nextBatch)
          .withMessage("the reader of stream is closed");
    }
  }

  /** The native object must outlive the call that another thread's close comes into. */
  @Test
  void aListenerCannotLetAnotherThreadCloseTheReader() throws Exception {
    RecordReader[] opened = new RecordReader[1];
    List<Throwable> thrown = new ArrayList<>();
    try (ExecutorService other = Executors.newSingleThreadExecutor();
        RecordReader reader =
            recovering(
                Way.BATCHES,
                _ -> {
                  try {
                    opened[0].batches();
                  } catch (IllegalStateException e) {
                    thrown.add(e);
                  }
                  Callable<Object> close =
                      () -> {
                        opened[0].close();
                        return null;
                      };
                  Future<Object> closed = other.submit(close);
                  try {
                    closed.get();
                  } catch (Exception e) {
                    thrown.add(e.getCause());
                  }
                })) {
      opened[0] = reader;
      Expected records = new Expected(intact());
      Way.BATCHES.read(reader, records);
      records.assertAllTaken();
      assertThat(thrown).hasSize(2);
      assertThat(thrown.get(1)).isInstanceOf(WrongThreadException.class);
    }
  }

  @Test
  void aLoggerIsRefused() throws IOException {
    List<String> logged = new ArrayList<>();
    Logger logger = Logger.getLogger("io.disky");
    RecordReader[] opened = new RecordReader[1];
    List<Iterator<MemorySegment>> iterator = new ArrayList<>();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord record) {
            logged.add(record.getMessage());
            assertAllRefused(opened[0], iterator.getFirst(), "logger");
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    logger.addHandler(handler);
    logger.setUseParentHandlers(false);
    try (RecordReader reader =
        RecordReader.open(
            damaged, ReaderOptions.defaults().withCorruptionStrategy(CorruptionStrategy.RECOVER))) {
      opened[0] = reader;
      iterator.add(reader.iterator());
      Expected records = new Expected(intact());
      Way.BATCHES.read(reader, records);
      records.assertAllTaken();
      assertThat(logged).hasSize(1);
    } finally {
      logger.setUseParentHandlers(true);
      logger.removeHandler(handler);
    }
  }

  /** A random access reader is thread-safe, and so are its callbacks free to use it. */
  @Test
  void randomAccessMayBeUsedByItsCallbacks() throws IOException {
    try (RandomAccessReader reader = RandomAccessReader.open(file)) {
      List<byte[]> inner = new ArrayList<>();
      Arena arena =
          new MyArena(() -> {
            try {
              inner.add(reader.get(COUNT - 1));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
      NumberedRecords.assertRecord(reader.get(7, arena), 7);
      reader.visitAll(
          new long[] {3, 12},
          (index, record) -> {
            inner.add(reader.get(COUNT - 1));
            NumberedRecords.assertRecord(record, (int) index);
          });
      assertThat(inner)
          .hasSize(3)
          .allSatisfy(record -> assertThat(record).isEqualTo(NumberedRecords.record(COUNT - 1)));
      assertThatIllegalStateException()
          .isThrownBy(() -> reader.visitAll(new long[] {3, 12}, (_, _) -> reader.close()))
          .withMessageContaining(file + " is closed");
    }
  }
}
