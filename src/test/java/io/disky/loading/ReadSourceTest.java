package io.disky.loading;

import static io.disky.loading.SourceFiles.assertRecords;
import static io.disky.loading.SourceFiles.bytes;
import static io.disky.testing.NumberedRecords.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.disky.loading.LoadedSource.ChunkHold;
import io.disky.loading.ReadSource.Deliveries;
import io.disky.order.ChunkLayout;
import io.disky.testing.WorkerThread;
import io.disky.testing.WorkerThreads;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sources that are the user's code, which does what it should not. */
class ReadSourceTest {
  private static final long SEED = 20261130;
  private static final int RECORDS = 1_000;

  private static void add(SuppliedBytes target, byte[] bytes) {
    target.add(bytes, 0, bytes.length);
  }

  private static ReadSource source(int block, Deliveries deliveries) {
    return new ReadSource("the source", RECORDS, block, 50, deliveries);
  }

  private static ReadSource numbered(int block) {
    return source(block, target -> number -> add(target, record((int) number)));
  }

  private static long[] numbers(Random random, int count) {
    return LongStream.generate(() -> random.nextInt(RECORDS)).limit(count).sorted().toArray();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 256, 5_000})
  void readsRecordsWithAndWithoutHeldBlocks(int block) {
    ReadSource source = numbered(block);
    Random random = new Random(SEED);
    List<ChunkHold> held = new ArrayList<>();
    for (int round = 0; round < 50; round++) {
      held.add(source.hold(random.nextLong(source.layout().chunks())));
      long[] numbers = numbers(random, random.nextInt(200));
      try (RecordsHold hold = source.read(numbers, numbers.length)) {
        assertRecords(hold, numbers, numbers.length);
        if (held.size() > 5) {
          held.removeFirst().close();
        }
        assertRecords(hold, numbers, numbers.length);
      }
    }
    held.forEach(ChunkHold::close);
    held.forEach(ChunkHold::close);
    source.close();
    assertThat(source.memory()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 256, 1_000, 5_000})
  void blocksAreChunks(int block) {
    ChunkLayout layout = numbered(block).layout();
    assertThat(layout.records()).isEqualTo(RECORDS);
    assertThat(layout.chunks()).isEqualTo((RECORDS + block - 1) / block);
    assertThat(layout.firstRecord(layout.chunks())).isEqualTo(RECORDS);
    for (long chunk = 0; chunk < layout.chunks(); chunk++) {
      long first = layout.firstRecord(chunk);
      long end = layout.firstRecord(chunk + 1);
      assertThat(first).isEqualTo(chunk * block);
      assertThat(layout.chunkOf(first)).isEqualTo(chunk);
      assertThat(layout.chunkOf(end - 1)).isEqualTo(chunk);
      assertThat(layout.bytes(chunk)).isEqualTo((end - first) * 50);
    }
  }

  /** Nothing is called, and nothing allocated, before a record is wanted. */
  @Test
  void aSourceMayBeHuge() throws IOException {
    for (long records : new long[] {0, 1_000_000_000, Long.MAX_VALUE}) {
      ReadSource source =
          new ReadSource(
              "huge",
              records,
              256,
              Long.MAX_VALUE,
              _ ->
                  number -> {
                    throw new AssertionError("record " + number);
                  });
      ChunkLayout layout = source.layout();
      assertThat(layout.firstRecord(layout.chunks())).isEqualTo(records);
      if (records > 0) {
        assertThat(layout.bytes(layout.chunks() - 1)).isEqualTo(Long.MAX_VALUE);
        assertThat(layout.chunkOf(records - 1)).isEqualTo(layout.chunks() - 1);
      }
      source.read(new long[0], 0).close();
      source.close();
    }
  }

  @Test
  void theIdentityIsOfNameAndNumbers() {
    List<ReadSource> different =
        List.of(
            new ReadSource("a", 10, 2, 3, _ -> _ -> {}),
            new ReadSource("b", 10, 2, 3, _ -> _ -> {}),
            new ReadSource("a", 11, 2, 3, _ -> _ -> {}),
            new ReadSource("a", 10, 1, 3, _ -> _ -> {}),
            new ReadSource("a", 10, 2, 4, _ -> _ -> {}));
    assertThat(different.stream().map(each -> List.of(boxed(each.identity()))).distinct())
        .hasSize(different.size());
    assertThat(new ReadSource("a", 10, 2, 3, _ -> _ -> {}).identity())
        .isEqualTo(different.getFirst().identity());
  }

  private static List<Byte> boxed(byte[] bytes) {
    List<Byte> boxed = new ArrayList<>();
    for (byte each : bytes) {
      boxed.add(each);
    }
    return boxed;
  }

  @Test
  void bytesAreCopiedAtOnceAndAppended() {
    byte[] reused = new byte[3];
    ReadSource source =
        source(
            1,
            target ->
                number -> {
                  reused[1] = (byte) number;
                  target.add(reused, 1, 1);
                  reused[1] = 77;
                  try (Arena arena = Arena.ofConfined()) {
                    MemorySegment native1 = arena.allocate(2).fill((byte) 5);
                    target.add(native1);
                    native1.fill((byte) 6);
                  }
                  target.add(MemorySegment.ofArray(new int[] {0x01010101}));
                  target.add(MemorySegment.ofArray(new byte[] {9}).asReadOnly());
                  target.add(reused, 3, 0);
                });
    long[] numbers = {3, 4, 4, 8};
    try (RecordsHold hold = source.read(numbers, 4)) {
      for (int i = 0; i < 4; i++) {
        assertThat(bytes(hold, i)).containsExactly((byte) numbers[i], 5, 5, 1, 1, 1, 1, 9);
      }
    }
    source.close();
    assertThat(source.memory()).isZero();
  }

  @Test
  void emptyRecordsMustBeDelivered() {
    ReadSource empty = source(1, target -> _ -> add(target, new byte[0]));
    try (RecordsHold hold = empty.read(new long[] {1, 2}, 2)) {
      assertThat(hold.size(1)).isZero();
      assertThat(hold.failure(1)).isNull();
    }
    ReadSource nothing = source(1, _ -> _ -> {});
    try (RecordsHold hold = nothing.read(new long[] {12}, 1)) {
      assertThat(hold.failure(0))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("'the source': record 12")
          .hasMessageContaining("empty array");
    }
    nothing.close();
    assertThat(nothing.memory()).isZero();
  }

  /** A record that cannot be delivered costs this record, in a held block too. */
  @Test
  void ioExceptionsAreOfTheirRecord() {
    IOException failure = new IOException("no such row");
    ReadSource source =
        source(
            10,
            target ->
                number -> {
                  add(target, record((int) number));
                  if (number % 10 == 3) {
                    throw failure;
                  }
                });
    long[] numbers = LongStream.range(0, 40).toArray();
    for (int round = 0; round < 2; round++) {
      try (ChunkHold hold = source.hold(round);
          RecordsHold records = source.read(numbers, 40)) {
        assertThat(hold.bytes()).isPositive();
        for (int i = 0; i < 40; i++) {
          if (i % 10 == 3) {
            assertThat(records.failure(i)).isSameAs(failure);
            assertThat(records.size(i)).isZero();
          } else {
            assertThat(bytes(records, i)).isEqualTo(record(i));
          }
        }
      }
    }
    try (RecordsHold records = source.read(new long[] {2}, 1)) {
      assertThat(records.failure(0)).isNull();
    }
    source.close();
    assertThat(source.memory()).isZero();
  }

  /** Also checked exceptions that nobody has declared. */
  @Test
  void otherExceptionsAreOfTheirRecord() throws Exception {
    for (Exception thrown :
        List.of(new IllegalArgumentException("mine"), new InterruptedException("mine"))) {
      ReadSource source =
          source(
              10,
              target ->
                  number -> {
                    add(target, record((int) number));
                    if (number == 5) {
                      throw ReadSourceTest.<RuntimeException>unchecked(thrown);
                    }
                  });
      try (ChunkHold _ = source.hold(0);
          RecordsHold records = source.read(new long[] {4, 5, 5, 6, 15}, 5)) {
        assertThat(records.failure(1)).isSameAs(thrown);
        assertThat(records.failure(2)).isSameAs(thrown);
        assertThat(bytes(records, 0)).isEqualTo(record(4));
        assertThat(bytes(records, 3)).isEqualTo(record(6));
        assertThat(bytes(records, 4)).isEqualTo(record(15));
      }
      source.close();
      assertThat(source.memory()).isZero();
    }
  }

  @Test
  void errorsEndTheCall() {
    for (Error thrown :
        List.of(
            new StackOverflowError(), new OutOfMemoryError("mine"), new AssertionError("mine"))) {
      ReadSource source =
          source(
              10,
              target ->
                  number -> {
                    add(target, new byte[10_000]);
                    if (number == 5) {
                      throw thrown;
                    }
                  });
      assertThatThrownBy(() -> source.read(new long[] {4, 5, 6}, 3)).isSameAs(thrown);
      assertThatThrownBy(() -> source.hold(0)).isSameAs(thrown);
      try (RecordsHold hold = source.read(new long[] {4, 6}, 2)) {
        assertThat(hold.size(1)).isEqualTo(10_000);
      }
      source.close();
      assertThat(source.memory()).isZero();
    }
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <X extends Throwable> X unchecked(Throwable thrown) throws X {
    throw (X) thrown;
  }

  /** Bytes that cannot be read: the user's code gets the exception, and may go on without them. */
  @Test
  void memoryThatCannotBeRead() throws Exception {
    MemorySegment closed;
    try (Arena arena = Arena.ofShared()) {
      closed = arena.allocate(10);
    }
    MemorySegment ended;
    try (Arena arena = Arena.ofConfined()) {
      ended = arena.allocate(3);
    }
    try (WorkerThread other = new WorkerThread()) {
      Arena[] confined = new Arena[1];
      MemorySegment foreign =
          other.call(() -> {
            confined[0] = confined();
            return confined[0].allocate(10);
          });
      ReadSource source =
          source(
              1,
              target ->
                  number -> {
                    assertThatIllegalStateException().isThrownBy(() -> target.add(closed));
                    assertThatIllegalStateException().isThrownBy(() -> target.add(ended));
                    assertThatExceptionOfType(WrongThreadException.class)
                        .isThrownBy(() -> target.add(foreign));
                    assertThatExceptionOfType(IndexOutOfBoundsException.class)
                        .isThrownBy(() -> target.add(new byte[3], 2, 2));
                    assertThatExceptionOfType(IndexOutOfBoundsException.class)
                        .isThrownBy(() -> target.add(new byte[3], -1, 2));
                    assertThatExceptionOfType(IndexOutOfBoundsException.class)
                        .isThrownBy(() -> target.add(new byte[3], 3, Integer.MAX_VALUE));
                    assertThatExceptionOfType(NullPointerException.class)
                        .isThrownBy(() -> target.add((MemorySegment) null));
                    add(target, new byte[] {1});
                  });
      try (RecordsHold hold = source.read(new long[] {1, 2}, 2)) {
        assertThat(bytes(hold, 1)).containsExactly(1);
      }
      source.close();
      assertThat(source.memory()).isZero();
      other.run(() -> confined[0].close());
    }
  }

  /** The target of a record is of no use after it, elsewhere, or for another record. */
  @Test
  void bytesThatComeTooLateOrFromElsewhere() throws Exception {
    AtomicReference<SuppliedBytes> kept = new AtomicReference<>();
    AtomicReference<Throwable> elsewhere = new AtomicReference<>();
    try (WorkerThread other = new WorkerThread()) {
      ReadSource source =
          source(
              1,
              target ->
                  number -> {
                    kept.set(target);
                    elsewhere.set(other.thrownBy(() -> add(target, new byte[5])));
                    add(target, new byte[] {(byte) number});
                  });
      try (RecordsHold hold = source.read(new long[] {1, 2}, 2)) {
        assertThat(elsewhere.get()).isInstanceOf(IllegalStateException.class);
        assertThatIllegalStateException()
            .isThrownBy(() -> add(kept.get(), new byte[7]))
            .withMessageContaining("no record is being delivered");
        assertThat(bytes(hold, 0)).containsExactly(1);
        assertThat(bytes(hold, 1)).containsExactly(2);
      }
      source.close();
    }
  }

  /** The user's code reads the same source, holds its blocks and closes it. */
  @Test
  void codeThatUsesItsOwnSource() throws Exception {
    AtomicReference<ReadSource> own = new AtomicReference<>();
    AtomicInteger depth = new AtomicInteger();
    ReadSource source =
        source(
            10,
            target ->
                number -> {
                  target.add(new byte[] {1}, 0, 1);
                  if (depth.getAndIncrement() < 3) {
                    try (ChunkHold _ = own.get().hold(number / 10);
                        RecordsHold inner = own.get().read(new long[] {number, number + 1}, 2)) {
                      assertThat(bytes(inner, 1)).endsWith(record((int) number + 1));
                    }
                  }
                  add(target, record((int) number));
                  if (number == 100) {
                    own.get().close();
                  }
                });
    own.set(source);
    try (RecordsHold hold = source.read(new long[] {5, 6, 100, 101}, 4)) {
      for (int i = 0; i < 4; i++) {
        assertThat(bytes(hold, i)).startsWith(1);
      }
    }
    assertThat(source.memory()).isZero();
    assertThatIllegalStateException()
        .isThrownBy(() -> source.read(new long[] {5}, 1))
        .withMessageContaining("'the source' is closed");
  }

  @Test
  void manyThreadsAtOnce() throws Exception {
    ReadSource source = numbered(20);
    AtomicInteger next = new AtomicInteger();
    List<Throwable> thrown =
        WorkerThreads.race(
            6,
            () -> {
              Random random = new Random(SEED + next.incrementAndGet());
              for (int round = 0; round < 100; round++) {
                long[] numbers = numbers(random, 100);
                try (ChunkHold _ = source.hold(random.nextInt(10));
                    RecordsHold hold = source.read(numbers, 100)) {
                  assertRecords(hold, numbers, 100);
                }
              }
            });
    assertThat(thrown).isEmpty();
    source.close();
    assertThat(source.memory()).isZero();
  }

  @SuppressWarnings("MustBeClosedChecker") // closed by the thread that it belongs to
  private static Arena confined() {
    return Arena.ofConfined();
  }
}
