package io.disky.shuffling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The external shuffle over records in memory, with the memory that it may use. */
class ExternalShuffleTest {
  private static final long SEED = 20_260_101;

  @TempDir Path directory;

  @AfterEach
  void nothingIsLeft() throws IOException {
    assertThat(Thread.interrupted()).as("left interrupted").isFalse();
    try (Stream<Path> left = Files.list(directory)) {
      assertThat(left).isEmpty();
    }
  }

  /** Records of the given sizes, and a random permutation of them. */
  static final class Records {
    final byte[][] contents;
    final long[] positions;
    final long bytes;

    Records(int count, IntUnaryOperator sizes) {
      Random random = new Random(SEED);
      contents = new byte[count][];
      long sum = 0;
      List<Long> order = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        contents[i] = new byte[sizes.applyAsInt(i)];
        random.nextBytes(contents[i]);
        sum += contents[i].length;
        order.add((long) i);
      }
      bytes = sum;
      Collections.shuffle(order, random);
      positions = order.stream().mapToLong(Long::longValue).toArray();
    }

    byte[][] expected() {
      byte[][] expected = new byte[contents.length][];
      for (int i = 0; i < contents.length; i++) {
        expected[(int) positions[i]] = contents[i];
      }
      return expected;
    }

    /** Passes the records on from a memory that is overwritten after each call. */
    void forEach(RecordInput.Taker taker) throws IOException {
      for (byte[] record : contents) {
        MemorySegment memory = MemorySegment.ofArray(new byte[record.length + 3]);
        MemorySegment.copy(record, 0, memory, ValueLayout.JAVA_BYTE, 3, record.length);
        taker.take(memory, 3, record.length);
        memory.fill((byte) 0x55);
      }
    }

    ExternalShuffle shuffle(long memory, Path directory) {
      return new ExternalShuffle(
          "input",
          contents.length,
          bytes,
          number -> positions[(int) number],
          new ShuffleMemory(memory),
          directory,
          done -> {});
    }
  }

  private long assertShuffles(Records records, long memory) throws IOException {
    ExternalShuffle shuffle = records.shuffle(memory, directory);
    List<byte[]> result = new ArrayList<>();
    shuffle.run(
        records::forEach,
        (RecordTarget<RuntimeException>)
            record -> {
              assertThat(record.isReadOnly()).isTrue();
              result.add(record.toArray(ValueLayout.JAVA_BYTE));
            });
    assertThat(result.size()).isEqualTo(records.contents.length);
    byte[][] expected = records.expected();
    for (int i = 0; i < expected.length; i++) {
      if (!Arrays.equals(expected[i], result.get(i))) {
        assertThat(result.get(i)).as("position %d, seed %d", i, SEED).isEqualTo(expected[i]);
      }
    }
    assertThat(shuffle.temporaryBytes())
        .isLessThanOrEqualTo(
            new ShuffleMemory(memory).temporaryBytes(records.contents.length, records.bytes));
    return shuffle.temporaryBytes();
  }

  static Stream<Arguments> shapes() {
    Random random = new Random(SEED);
    return Stream.of(
        Arguments.of("none", new Records(0, i -> 0)),
        Arguments.of("one", new Records(1, i -> 10)),
        Arguments.of("one empty", new Records(1, i -> 0)),
        Arguments.of("one huge", new Records(1, i -> 3 << 20)),
        Arguments.of("two huge", new Records(2, i -> 1 << 20)),
        Arguments.of("empty ones", new Records(50_000, i -> 0)),
        Arguments.of("small", new Records(40_000, i -> i % 9)),
        Arguments.of("equal", new Records(3000, i -> 1000)),
        Arguments.of("powers", new Records(2000, i -> 1 << (i % 14))),
        Arguments.of("random", new Records(999, i -> random.nextInt(5000))),
        Arguments.of("a few large", new Records(500, i -> i % 50 == 0 ? 100_000 : 20)),
        Arguments.of("one large", new Records(20_000, i -> i == 777 ? 2 << 20 : 30)),
        Arguments.of("as large as a share", new Records(300, i -> 8192 + i % 3 - 1)));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void isThePermutationWithAnyMemory(String shape, Records records) throws IOException {
    for (long memory : new long[] {64 << 10, 100_000, 200 << 10, 1 << 20, 64 << 20}) {
      assertShuffles(records, memory);
    }
  }

  @Test
  void distributesAgainIfAPartDoesNotFit() throws IOException {
    // 8 parts of 32 KiB and more than 8 * 8 times as much data.
    Records records = new Records(3000, i -> 1500);
    ShuffleMemory memory = new ShuffleMemory(ShuffleMemory.LEAST);
    long load = ShuffleMemory.load(3000, records.bytes);
    int parts = memory.parts(load, memory.blockSize(load));
    assertThat(load / parts / parts).isGreaterThan(memory.loadLimit());
    long temporary = assertShuffles(records, ShuffleMemory.LEAST);
    assertThat(temporary).isGreaterThan(records.bytes);
  }

  /** The sizes of records depend on their positions, so that one part has almost all bytes. */
  @Test
  void unevenPartsStayWithinTheMemory() throws IOException {
    int count = 4000;
    Records records = new Records(count, i -> 8000);
    byte[][] contents = records.contents;
    long sum = 0;
    for (int i = 0; i < count; i++) {
      boolean first = records.positions[i] < count / 8;
      contents[i] = first ? contents[i] : new byte[] {(byte) i};
      sum += contents[i].length;
    }
    List<byte[]> result = new ArrayList<>();
    new ExternalShuffle(
            "input",
            count,
            sum,
            number -> records.positions[(int) number],
            new ShuffleMemory(ShuffleMemory.LEAST),
            directory,
            done -> {})
        .run(
            records::forEach,
            (RecordTarget<RuntimeException>)
                record -> result.add(record.toArray(ValueLayout.JAVA_BYTE)));
    assertThat(result.toArray(byte[][]::new)).isDeepEqualTo(records.expected());
  }

  @ParameterizedTest
  @ValueSource(longs = {64 << 10, 64 << 20})
  void refusesAnInputWithOtherRecords(long memory) {
    Records records = new Records(2000, i -> 100);
    Records fewer = new Records(1999, i -> 100);
    Records more = new Records(2001, i -> 100);
    for (Records other : List.of(fewer, more)) {
      assertThatThrownBy(() -> records.shuffle(memory, directory).run(other::forEach, record -> {}))
          .isInstanceOf(IOException.class)
          .hasMessageContainingAll("input: ", "2000 records, 200000 bytes", "changed the file");
    }
  }

  /** In memory there is room for the stated bytes only. */
  @Test
  void refusesLargerRecordsInMemory() {
    Records records = new Records(10, i -> 100);
    Records larger = new Records(10, i -> 101);
    assertThatThrownBy(() -> records.shuffle(64 << 20, directory).run(larger::forEach, r -> {}))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("10 records, 1000 bytes");
  }

  @Test
  void theTemporaryFileHasNoNameWhileItIsUsed() throws IOException {
    Records records = new Records(2000, i -> 100);
    int[] seen = new int[1];
    records
        .shuffle(ShuffleMemory.LEAST, directory)
        .run(
            records::forEach,
            (RecordTarget<RuntimeException>)
                record -> {
                  seen[0]++;
                  assertThat(directory.toFile().list()).isEmpty();
                });
    assertThat(seen[0]).isEqualTo(2000);
  }

  @Test
  void namesADirectoryThatDoesNotExist() {
    Records records = new Records(2000, i -> 100);
    Path missing = directory.resolve("missing");
    assertThatThrownBy(
            () -> records.shuffle(ShuffleMemory.LEAST, missing).run(records::forEach, r -> {}))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContainingAll(missing.toString(), "no such directory");
  }

  @ParameterizedTest
  @ValueSource(longs = {64 << 10, 64 << 20})
  void anInterruptEndsIt(long memory) {
    Records records = new Records(40_000, i -> 100);
    int[] taken = new int[1];
    // Before the first record, while records are read, while they are written.
    for (int when : new int[] {-1, 100, 41_000}) {
      taken[0] = 0;
      if (when < 0) {
        Thread.currentThread().interrupt();
      }
      Throwable thrown =
          catchThrowable(() ->
              records
                  .shuffle(memory, directory)
                  .run(
                      taker ->
                          records.forEach((source, offset, size) -> {
                            interruptAt(when, taken);
                            taker.take(source, offset, size);
                          }),
                      record -> interruptAt(when, taken)));
      assertThat(thrown)
          .as("interrupted at %d", when)
          .isInstanceOf(InterruptedIOException.class)
          .hasMessageContaining("interrupted while shuffling records");
      assertThat(Thread.interrupted()).isTrue();
      assertThat(taken[0]).isLessThan(80_000);
    }
  }

  private static void interruptAt(int when, int[] taken) {
    if (taken[0]++ == when) {
      Thread.currentThread().interrupt();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {64 << 10, 64 << 20})
  void failuresOfInputAndTargetPass(long memory) {
    Records records = new Records(3000, i -> 100);
    IOException input = new IOException("input");
    assertThatThrownBy(() ->
            records
                .shuffle(memory, directory)
                .run(
                    taker -> {
                      taker.take(MemorySegment.ofArray(new byte[100]), 0, 100);
                      throw input;
                    },
                    record -> {}))
        .isSameAs(input);
    Exception target = new Exception("target");
    assertThatThrownBy(() ->
            records
                .shuffle(memory, directory)
                .<Exception>run(
                    records::forEach,
                    record -> {
                      throw target;
                    }))
        .isSameAs(target);
  }

  /** A target that keeps a record sees the same bytes, or an exception. */
  @Test
  void keptRecordsNeverShowOthers() throws IOException {
    Records records = new Records(3000, i -> 100);
    List<MemorySegment> kept = new ArrayList<>();
    byte[][] expected = records.expected();
    records
        .shuffle(ShuffleMemory.LEAST, directory)
        .run(
            records::forEach,
            (RecordTarget<RuntimeException>)
                record -> {
                  kept.add(record);
                  for (int i = Math.max(0, kept.size() - 400); i < kept.size(); i++) {
                    try {
                      assertThat(kept.get(i).toArray(ValueLayout.JAVA_BYTE)).isEqualTo(expected[i]);
                    } catch (IllegalStateException e) {
                      assertThat(i).isLessThan(kept.size() - 1);
                    }
                  }
                });
    assertThatThrownBy(() -> kept.getLast().get(ValueLayout.JAVA_BYTE, 0))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void reportsHowFarItIs() throws IOException {
    Records records = new Records(5000, i -> 1000);
    List<Long> reports = new ArrayList<>();
    new ExternalShuffle(
            "input",
            5000,
            records.bytes,
            number -> records.positions[(int) number],
            new ShuffleMemory(1 << 20),
            directory,
            reports::add)
        .run(records::forEach, (RecordTarget<RuntimeException>) record -> {});
    assertThat(reports).isSorted().hasSizeBetween(9, 11);
    assertThat(reports.getLast()).isBetween(9_000_000L, 10_000_000L);
  }
}
