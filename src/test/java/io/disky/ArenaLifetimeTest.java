package io.disky;

import static io.disky.lifetime.LifetimeAssert.assertEnded;
import static io.disky.lifetime.LifetimeAssert.assertForeign;
import static io.disky.testing.NumberedRecords.assertRecord;
import static io.disky.testing.NumberedRecords.assertRecords;
import static io.disky.testing.NumberedRecords.assertRest;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.disky.lifetime.LifetimeAssert;
import io.disky.testing.NumberedRecords;
import io.disky.testing.WorkerThread;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Batches in memory of the user's arenas. */
@SuppressWarnings("MustBeClosedChecker") // arenas are closed elsewhere
@ParameterizedClass
@ValueSource(strings = {"none", "zstd"})
class ArenaLifetimeTest {
  private static final int CHUNKS = 6;
  private static final int PER_CHUNK = 9;
  private static final int LAST = CHUNKS * PER_CHUNK - 1;

  @Parameter Compression compression;
  @TempDir private Path directory;
  private RecordReader reader;

  @BeforeEach
  void setUp() throws IOException {
    Path file = NumberedRecords.write(directory.resolve("file"), compression, CHUNKS, PER_CHUNK);
    reader = RecordReader.open(file);
  }

  @AfterEach
  void tearDown() {
    reader.close();
  }

  @Test
  void endsWithAConfinedArena() throws IOException {
    endsWith(Arena.ofConfined());
  }

  @Test
  void endsWithASharedArena() throws IOException {
    endsWith(Arena.ofShared());
  }

  private void endsWith(Arena arena) throws IOException {
    List<RecordBatch> batches = rest(arena);
    batches.forEach(RecordBatch::close);
    reader.close();
    for (int i = 0; i < CHUNKS; i++) {
      assertRecords(batches.get(i), i * PER_CHUNK);
    }
    MemorySegment record = batches.getFirst().get(0);
    Iterator<MemorySegment> records = batches.getFirst().iterator();

    arena.close();

    batches.forEach(LifetimeAssert::assertEnded);
    assertEnded(record);
    assertThatIllegalStateException().isThrownBy(() -> records.next().toArray(JAVA_BYTE));
    batches.forEach(RecordBatch::close);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void neverEndsInAnArenaThatIsNotClosed(boolean global) throws IOException {
    List<RecordBatch> batches = rest(global ? Arena.global() : Arena.ofAuto());
    batches.forEach(RecordBatch::close);
    reader.close();
    System.gc();
    for (int i = 0; i < CHUNKS; i++) {
      assertRecords(batches.get(i), i * PER_CHUNK);
    }
  }

  @Test
  void hasItsOwnMemory() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      List<RecordBatch> batches = rest(arena);
      for (int i = 0; i < CHUNKS; i++) {
        for (int j = 0; j < i; j++) {
          assertThat(batches.get(i).data().asOverlappingSlice(batches.get(j).data())).isEmpty();
        }
      }
    }
  }

  @Test
  void isReadOnly() throws IOException {
    RecordBatch batch = reader.nextBatch(Arena.ofAuto());
    assertThat(batch).allMatch(MemorySegment::isReadOnly);
    assertThat(batch.data().isReadOnly()).isTrue();
    assertThat(batch.ends().isReadOnly()).isTrue();
  }

  @Test
  void takesLittleMoreThanItsRecords() throws IOException {
    CountingArena arena = new CountingArena(Arena.ofAuto());
    long needed = 0;
    for (RecordBatch batch : rest(arena)) {
      needed += batch.data().byteSize() + batch.ends().byteSize();
    }
    assertThat(arena.allocated).isBetween(needed, needed + CHUNKS * (16 + 3L * PER_CHUNK));
  }

  @Test
  void inAConfinedArenaStaysWithItsThread() throws Exception {
    try (Arena arena = Arena.ofConfined();
        WorkerThread other = new WorkerThread()) {
      RecordBatch batch = reader.nextBatch(arena);
      other.run(() -> assertForeign(batch));
      other.run(batch::close);
      assertRecords(batch, 0);
    }
  }

  @Test
  @SuppressWarnings("MustBeClosedChecker") // Closed by the other thread.
  void inASharedArenaIsForAllThreads() throws Exception {
    Arena arena = Arena.ofShared();
    RecordBatch batch = reader.nextBatch(arena);
    MemorySegment record = batch.get(3);
    try (WorkerThread other = new WorkerThread()) {
      other.run(() -> assertRecords(batch, 0));
      other.run(() -> assertRecord(record, 3));
      assertRecords(batch, 0);
      other.run(arena::close);
      other.run(() -> assertEnded(batch));
    }
    assertEnded(batch);
    assertEnded(record);
  }

  @Test
  void parallelStreamInAnAutomaticArena() throws IOException {
    RecordBatch batch = reader.nextBatch(Arena.ofAuto());
    assertThat(batch.stream().parallel().mapToLong(MemorySegment::byteSize).sum())
        .isEqualTo(batch.data().byteSize());
    assertThat(batch.stream().parallel().map(record -> record.toArray(JAVA_BYTE)).toList())
        .containsExactlyElementsOf(
            IntStream.range(0, PER_CHUNK).mapToObj(NumberedRecords::record).toList());
  }

  @Test
  void closedArenaIsRefusedAndNothingIsLost() throws IOException {
    Arena closed = Arena.ofConfined();
    closed.close();
    for (int i = 0; i < CHUNKS; i++) {
      assertThatIllegalStateException().isThrownBy(() -> reader.nextBatch(closed));
      assertRecords(reader.nextBatch(), i * PER_CHUNK);
    }
    assertThat(reader.nextBatch()).isNull();
  }

  @Test
  void closedArenaIsRefusedAndNothingIsLostAfterHasNext() throws IOException {
    Arena closed = Arena.ofConfined();
    closed.close();
    assertThat(reader.iterator().hasNext()).isTrue();
    assertThatIllegalStateException().isThrownBy(() -> reader.nextBatch(closed));
    assertRecords(reader.nextBatch(), 0);
    assertRest(reader, PER_CHUNK, LAST);
  }

  /** Nobody has touched it yet. */
  @Test
  void refusedArenaLeavesTheBatchToAnyThread() throws Exception {
    Arena closed = Arena.ofConfined();
    closed.close();
    assertThat(reader.iterator().hasNext()).isTrue();
    assertThatIllegalStateException().isThrownBy(() -> reader.nextBatch(closed));
    RecordBatch batch = reader.nextBatch();
    try (WorkerThread other = new WorkerThread()) {
      other.run(() -> assertRecords(batch, 0));
    }
  }

  @Test
  void arenaOfAnotherThreadIsRefusedAndNothingIsLost() throws Exception {
    try (WorkerThread other = new WorkerThread()) {
      Arena confined = other.call(Arena::ofConfined);
      assertThatThrownBy(() -> reader.nextBatch(confined)).isInstanceOf(WrongThreadException.class);
      assertRecords(reader.nextBatch(), 0);
      assertThat(reader.iterator().hasNext()).isTrue();
      assertThatThrownBy(() -> reader.nextBatch(confined)).isInstanceOf(WrongThreadException.class);
      assertRest(reader, PER_CHUNK, LAST);
      other.run(confined::close);
    }
  }

  /** As another thread may do with a shared arena at any time. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void arenaThatIsClosedMeanwhileIsRefusedAndNothingIsLost(int allocations) {
    Arena closing = new ClosingArena(allocations);
    assertThatIllegalStateException().isThrownBy(() -> reader.nextBatch(closing));
    assertRest(reader, 0, LAST);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void arenaThatIsClosedMeanwhileIsRefusedAndNothingIsLostAfterHasNext(int allocations) {
    Arena closing = new ClosingArena(allocations);
    assertThat(reader.iterator().hasNext()).isTrue();
    assertThatIllegalStateException().isThrownBy(() -> reader.nextBatch(closing));
    assertRest(reader, 0, LAST);
  }

  @Test
  void arenaThatFailsLosesNothing() throws IOException {
    Iterator<MemorySegment> records = reader.iterator();
    for (int allocations = 0; allocations < 2; allocations++) {
      Arena failing = new FailingArena(allocations);
      assertThatThrownBy(() -> reader.nextBatch(failing)).isInstanceOf(OutOfMemoryError.class);
      assertThat(records.hasNext()).isTrue();
      assertThatThrownBy(() -> reader.nextBatch(failing)).isInstanceOf(OutOfMemoryError.class);
      assertRecords(reader.nextBatch(), allocations * PER_CHUNK);
    }
    assertRest(reader, 2 * PER_CHUNK, LAST);
  }

  @Test
  void mayFollowHasNext() throws IOException {
    Iterator<MemorySegment> records = reader.iterator();
    try (Arena arena = Arena.ofConfined()) {
      List<RecordBatch> batches = new ArrayList<>();
      while (records.hasNext()) {
        batches.add(reader.nextBatch(arena));
      }
      assertThat(batches).hasSize(CHUNKS);
      reader.close();
      for (int i = 0; i < CHUNKS; i++) {
        assertRecords(batches.get(i), i * PER_CHUNK);
        assertThat(batches.get(i)).allMatch(MemorySegment::isReadOnly);
      }
    }
  }

  @Test
  void isNoBatchInTheMiddleOfAChunk() {
    Iterator<MemorySegment> records = reader.iterator();
    records.next();
    assertThatIllegalStateException().isThrownBy(() -> reader.nextBatch(Arena.ofAuto()));
    assertRecord(records.next(), 1);
  }

  @Test
  void isNullAtTheEnd() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      rest(arena);
      assertThat(reader.nextBatch(arena)).isNull();
      assertThat(reader.nextBatch(arena)).isNull();
    }
  }

  @Test
  void needsAnArena() throws IOException {
    assertThatNullPointerException().isThrownBy(() -> reader.nextBatch(null));
    assertRecords(reader.nextBatch(), 0);
  }

  private List<RecordBatch> rest(Arena arena) throws IOException {
    List<RecordBatch> batches = new ArrayList<>();
    for (RecordBatch batch = reader.nextBatch(arena);
        batch != null;
        batch = reader.nextBatch(arena)) {
      batches.add(batch);
    }
    assertThat(batches).hasSize(CHUNKS);
    return batches;
  }

  /** Counts what is allocated. */
  private static final class CountingArena extends ArenaDecorator {
    private long allocated;

    CountingArena(Arena arena) {
      super(arena);
    }

    @Override
    public MemorySegment allocate(long byteSize, long byteAlignment) {
      allocated += byteSize;
      return super.allocate(byteSize, byteAlignment);
    }
  }

  /** Is closed when it has allocated so many times. */
  private static final class ClosingArena extends ArenaDecorator {
    private int left;

    ClosingArena(int allocations) {
      super(Arena.ofShared());
      left = allocations;
      closeIfDone();
    }

    @Override
    public MemorySegment allocate(long byteSize, long byteAlignment) {
      MemorySegment allocated = super.allocate(byteSize, byteAlignment);
      left--;
      closeIfDone();
      return allocated;
    }

    private void closeIfDone() {
      if (left == 0) {
        close();
      }
    }
  }

  /** Fails when it has allocated so many times. */
  private static final class FailingArena extends ArenaDecorator {
    private final int allocations;
    private int done;

    FailingArena(int allocations) {
      super(Arena.ofAuto());
      this.allocations = allocations;
    }

    @Override
    public MemorySegment allocate(long byteSize, long byteAlignment) {
      if (done == allocations) {
        done = 0;
        throw new OutOfMemoryError("on purpose");
      }
      done++;
      return super.allocate(byteSize, byteAlignment);
    }
  }

  private static class ArenaDecorator implements Arena {
    private final Arena arena;

    ArenaDecorator(Arena arena) {
      this.arena = arena;
    }

    @Override
    public MemorySegment allocate(long byteSize, long byteAlignment) {
      return arena.allocate(byteSize, byteAlignment);
    }

    @Override
    public MemorySegment.Scope scope() {
      return arena.scope();
    }

    @Override
    public void close() {
      arena.close();
    }
  }
}
