package io.disky;

import static io.disky.lifetime.LifetimeAssert.assertEnded;
import static io.disky.lifetime.LifetimeAssert.assertForeign;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.disky.lifetime.LifetimeAssert;
import io.disky.testing.WorkerThread;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Records that are built in place. */
class WriterSlotTest {
  private static final long CHUNK_SIZE = 1000;

  @TempDir private Path directory;
  private Path file;
  private RecordWriter writer;
  private final List<byte[]> expected = new ArrayList<>();

  @BeforeEach
  void setUp() throws IOException {
    file = directory.resolve("file");
    writer = RecordWriter.open(file, WriterOptions.defaults().withChunkSize(CHUNK_SIZE));
  }

  /** Whatever a test did: the file has exactly the records that were accepted. */
  @AfterEach
  void tearDown() throws IOException {
    assertThat(writer.recordCount()).isEqualTo(expected.size());
    assertThat(writer.recordBytes()).isEqualTo(expected.stream().mapToLong(r -> r.length).sum());
    writer.close();
    List<byte[]> found = new ArrayList<>();
    try (RecordReader reader = RecordReader.open(file)) {
      reader.forEach(record -> found.add(record.toArray(JAVA_BYTE)));
    }
    assertThat(found).usingElementComparator(Arrays::compare).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 8, 984, 991, 992, 993, 1000, 1001, 70_000, 3_000_000})
  void isOfTheSizeAskedFor(int size) throws IOException {
    for (int i = 0; i < 3; i++) {
      build(size, size);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 500, 1000, 100_000})
  void mayBeUsedInPart(int used) throws IOException {
    for (int i = 0; i < 5; i++) {
      build(used + 200_000, used);
      build(used + 1, used);
      write(100);
    }
  }

  /** The writer writes the full chunk before it lets the next record be built. */
  @Test
  void afterALargeRecordTheNextChunkBegins() throws IOException {
    build(200_000, 200_000);
    long before = Files.size(file);
    writer.write(
        10,
        slot -> {
          assertThat(Files.size(file)).isGreaterThan(before);
          return 10;
        });
    expected.add(new byte[10]);
  }

  @Test
  void farLargerThanWhatIsUsed() throws IOException {
    for (int i = 0; i < 300; i++) {
      build(1 << 20, i % 10);
    }
  }

  @Test
  void endsWhenTheCallbackReturns() throws IOException {
    List<MemorySegment> slots = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      slots.add(build(100, 90));
      slots.forEach(LifetimeAssert::assertEnded);
    }
    MemorySegment last = slots.getLast();
    assertThatIllegalStateException().isThrownBy(() -> last.set(JAVA_BYTE, 0, (byte) 1));
    assertThatIllegalStateException().isThrownBy(() -> last.fill((byte) 1));
    assertThatIllegalStateException().isThrownBy(() -> writer.write(last));
  }

  @Test
  void endsWhenTheCallbackThrows() {
    List<MemorySegment> slots = new ArrayList<>();
    assertThatExceptionOfType(SocketTimeoutException.class)
        .isThrownBy(() ->
            writer.write(
                100,
                slot -> {
                  slots.add(slot);
                  throw new SocketTimeoutException();
                }));
    assertEnded(slots.getFirst());
  }

  @Test
  void slicesAndViewsEndWithIt() throws IOException {
    List<MemorySegment> slices = new ArrayList<>();
    List<ByteBuffer> buffers = new ArrayList<>();
    writer.write(
        10,
        slot -> {
          slices.add(slot.asSlice(5));
          slices.add(slot.asReadOnly());
          buffers.add(slot.asByteBuffer());
          return 0;
        });
    expected.add(new byte[0]);
    slices.forEach(LifetimeAssert::assertEnded);
    assertThatIllegalStateException().isThrownBy(() -> buffers.getFirst().put(0, (byte) 1));
  }

  @Test
  void staysWithItsThread() throws Exception {
    try (WorkerThread other = new WorkerThread()) {
      writer.write(
          10,
          slot -> {
            assertThat(other.thrownBy(() -> assertForeign(slot))).isNull();
            Throwable thrown = other.thrownBy(() -> slot.set(JAVA_BYTE, 0, (byte) 1));
            assertThat(thrown).isInstanceOf(WrongThreadException.class);
            slot.set(JAVA_BYTE, 1, (byte) 7);
            return 2;
          });
    }
    expected.add(new byte[] {0, 7});
  }

  /** After a record was built, the next one is built without some checks. */
  @Test
  void refusesOtherThreadsBetweenRecordsAndWithinThem() throws Exception {
    WorkerThread.Task write = () -> writer.write(10, slot -> 10);
    try (WorkerThread other = new WorkerThread()) {
      for (int i = 0; i < 20; i++) {
        build(10, 10);
        assertThat(other.thrownBy(write)).isInstanceOf(WrongThreadException.class);
        build(10, 10);
        writer.write(
            10,
            slot -> {
              assertThat(other.thrownBy(write)).isInstanceOf(WrongThreadException.class);
              refusesItsWriter();
              return 0;
            });
        expected.add(new byte[0]);
      }
    }
  }

  @Test
  void isRefusedAfterTheWriterIsClosed() throws IOException {
    build(10, 10);
    build(10, 10);
    writer.close();
    assertThatIllegalStateException().isThrownBy(() -> writer.write(10, slot -> 10));
  }

  @Test
  void doesNotReachBeyondItsSize() throws IOException {
    writer.write(
        10,
        slot -> {
          assertThat(slot.byteSize()).isEqualTo(10);
          assertThatThrownBy(() -> slot.set(JAVA_BYTE, 10, (byte) 1))
              .isInstanceOf(IndexOutOfBoundsException.class);
          assertThatThrownBy(() -> slot.set(JAVA_LONG_UNALIGNED, 3, 1))
              .isInstanceOf(IndexOutOfBoundsException.class);
          assertThatThrownBy(() -> slot.asSlice(0, 11))
              .isInstanceOf(IndexOutOfBoundsException.class);
          return 0;
        });
    expected.add(new byte[0]);
  }

  @Test
  void beginsAtAnyAddress() throws IOException {
    write(1);
    writer.write(
        8,
        slot -> {
          slot.set(JAVA_LONG_UNALIGNED, 0, 0x0807060504030201L);
          return 8;
        });
    byte[] bytes = new byte[8];
    MemorySegment.ofArray(bytes).set(JAVA_LONG_UNALIGNED, 0, 0x0807060504030201L);
    expected.add(bytes);
  }

  @Test
  void isZeroedAgainAfterItsChunkWasWritten() throws IOException {
    for (int i = 0; i < 100; i++) {
      write(300);
      build(400, 399);
      if (i % 10 == 0) {
        writer.flush();
        build(900, 3);
      }
    }
  }

  @Test
  void isZeroedAgainAfterACallbackThatThrew() throws IOException {
    for (int i = 0; i < 20; i++) {
      int size = 100 + 37 * i;
      assertThatExceptionOfType(SocketTimeoutException.class)
          .isThrownBy(() ->
              writer.write(
                  size,
                  slot -> {
                    assertZero(slot);
                    slot.fill((byte) -1);
                    throw new SocketTimeoutException();
                  }));
      build(size + 50, 10);
    }
  }

  @Test
  void isZeroedAgainAfterLargerRecords() throws IOException {
    write(5000);
    build(4000, 4000);
    build(6000, 1);
    writer.flush();
    build(20_000, 20_000);
    build(30_000, 1);
    write(100_000);
    writer.flush();
    build(90_000, 0);
    build(80_000, 80_000);
    build(10, 10);
    build(90_000, 5);
  }

  /** What is left in a slot behind the record must not show in the one after it. */
  @Test
  void isZeroedBehindARecordThatUsedItInPart() throws IOException {
    for (int i = 0; i < 50; i++) {
      writer.write(
          600,
          slot -> {
            assertZero(slot);
            slot.fill((byte) 0x55);
            return 5;
          });
      expected.add(new byte[] {0x55, 0x55, 0x55, 0x55, 0x55});
    }
  }

  @Test
  void isZeroedAgainAfterARefusedSegment() throws IOException {
    byte[] record = new byte[500];
    Arrays.fill(record, (byte) -1);
    for (int i = 0; i < 5; i++) {
      writer.write(record, 0, 400);
      expected.add(Arrays.copyOf(record, 400));
      assertThatThrownBy(() -> writer.write(record, 400, 200))
          .isInstanceOf(IndexOutOfBoundsException.class);
      writer.flush();
      build(700, 6);
    }
  }

  @Test
  void neverMoves() throws IOException {
    for (int i = 0; i < 10; i++) {
      writer.write(
          100_000 * i + 1,
          slot -> {
            long address = slot.address();
            refusesItsWriter();
            for (long at = 0; at < slot.byteSize(); at += 999) {
              slot.set(JAVA_BYTE, at, (byte) 3);
            }
            assertThat(slot.address()).isEqualTo(address);
            assertThat(slot.get(JAVA_BYTE, 0)).isEqualTo((byte) 3);
            return 1;
          });
      expected.add(new byte[] {3});
    }
  }

  private void refusesItsWriter() {
    byte[] record = new byte[10];
    List<ThrowingCallable> uses =
        List.of(
            () -> writer.write(record),
            () -> writer.write(record, 1, 2),
            () -> writer.write(ByteBuffer.wrap(record)),
            () -> writer.write(MemorySegment.ofArray(record)),
            () -> writer.write(10, slot -> 0),
            writer::flush,
            () -> writer.flush(FlushMode.SYNC),
            writer::close);
    for (ThrowingCallable use : uses) {
      assertThatIllegalStateException().isThrownBy(use);
    }
    assertThat(writer.isOpen()).isTrue();
    assertThat(writer.recordCount()).isEqualTo(expected.size());
  }

  @Test
  void nestedUsesThrowAndTheRecordIsWritten() throws IOException {
    write(10);
    writer.write(
        10,
        slot -> {
          slot.fill((byte) 9);
          refusesItsWriter();
          return 4;
        });
    expected.add(new byte[] {9, 9, 9, 9});
    write(20);
  }

  @Test
  void nestedUseThatIsNotCaughtDiscardsTheRecord() throws IOException {
    assertThatIllegalStateException()
        .isThrownBy(() ->
            writer.write(
                10,
                slot -> {
                  writer.flush();
                  return 4;
                }));
    write(20);
  }

  @Test
  void nestedUseOfAnotherWriter() throws IOException {
    Path second = directory.resolve("second");
    try (RecordWriter other = RecordWriter.open(second)) {
      writer.write(
          10,
          slot -> {
            slot.fill((byte) 1);
            other.write(slot.asSlice(0, 2));
            other.write(5, inner -> inner.copyFrom(slot.asSlice(0, 5)).byteSize());
            other.flush();
            return 3;
          });
      expected.add(new byte[] {1, 1, 1});
    }
    try (RecordReader reader = RecordReader.open(second)) {
      assertThat(reader.stream().map(record -> record.toArray(JAVA_BYTE)).toList())
          .usingElementComparator(Arrays::compare)
          .containsExactly(new byte[] {1, 1}, new byte[] {1, 1, 1, 1, 1});
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 4, 9})
  void callbackThatThrowsDiscardsTheRecord(int before) throws IOException {
    List<Throwable> failures =
        List.of(
            new IOException(),
            new IllegalStateException(),
            new StackOverflowError(),
            new TimeoutException());
    for (Throwable failure : failures) {
      for (int i = 0; i < before; i++) {
        write(200);
      }
      long size = writer.fileSize();
      assertThatThrownBy(() ->
              writer.write(
                  3000,
                  slot -> {
                    slot.fill((byte) -1);
                    throw WriterSlotTest.<RuntimeException>undeclared(failure);
                  }))
          .isSameAs(failure);
      assertThat(writer.fileSize()).isEqualTo(size);
      write(100);
      build(300, 30);
    }
  }

  /** Throws, as languages without checked exceptions do. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <X extends Throwable> X undeclared(Throwable failure) throws X {
    throw (X) failure;
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 101, Long.MIN_VALUE, Long.MAX_VALUE})
  void sizeOutsideTheSlotDiscardsTheRecord(long size) throws IOException {
    write(10);
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            writer.write(
                100,
                slot -> {
                  slot.fill((byte) -1);
                  return size;
                }))
        .withMessageContaining(Long.toString(size));
    build(200, 10);
  }

  @Test
  void sizeMustNotBeNegative() throws IOException {
    assertThatIllegalArgumentException().isThrownBy(() -> writer.write(-1, slot -> 0));
    assertThatNullPointerException().isThrownBy(() -> writer.write(10, (SlotWriter) null));
    write(10);
  }

  /** More than any machine has. */
  @ParameterizedTest
  @ValueSource(longs = {1L << 45, Long.MAX_VALUE - 7, Long.MAX_VALUE})
  void sizeThatNoMemoryHolds(long maxSize) throws IOException {
    write(10);
    assertThatThrownBy(() -> writer.write(maxSize, slot -> 0))
        .isInstanceOfAny(OutOfMemoryError.class, IllegalArgumentException.class);
    write(10);
    build(20, 10);
  }

  /** Checks that a slot is as promised, and uses some of it. */
  private MemorySegment build(int maxSize, int used) throws IOException {
    List<MemorySegment> slots = new ArrayList<>();
    byte[] record = filled(used);
    writer.write(
        maxSize,
        slot -> {
          slots.add(slot);
          assertThat(slot.byteSize()).isEqualTo(maxSize);
          assertThat(slot.isReadOnly()).isFalse();
          assertThat(slot.isNative()).isTrue();
          assertZero(slot);
          slot.fill((byte) 0x55);
          MemorySegment.copy(record, 0, slot, JAVA_BYTE, 0, used);
          return used;
        });
    expected.add(record);
    return slots.getFirst();
  }

  private void write(int size) throws IOException {
    byte[] record = filled(size);
    writer.write(record);
    expected.add(record);
  }

  /** Not zero, and another one each time. */
  private byte[] filled(int size) {
    byte[] record = new byte[size];
    Arrays.fill(record, (byte) (1 + expected.size() % 100));
    return record;
  }

  private static void assertZero(MemorySegment slot) {
    assertThat(slot.mismatch(MemorySegment.ofArray(new byte[(int) slot.byteSize()]))).isEqualTo(-1);
  }
}
