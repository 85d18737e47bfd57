package io.disky;

import static io.disky.lifetime.LifetimeAssert.assertEnded;
import static io.disky.lifetime.LifetimeAssert.assertForeign;
import static io.disky.testing.NumberedRecords.assertRecord;
import static io.disky.testing.NumberedRecords.assertRecords;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

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
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A reader under random use and misuse: every record in order, each as long as promised. */
@SuppressWarnings({
  "MustBeClosedChecker",
  "ReturnValueIgnored"
}) // arenas are closed elsewhere; what matters is that it throws
class ReaderStressTest {
  private static final int STEPS = 3000;
  private static final int CHUNKS = 80;
  private static final int PER_CHUNK = 6;
  private static final int RECORDS = CHUNKS * PER_CHUNK;

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void readsEveryRecordInOrder(long seed) throws Exception {
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    Compression compression = random.nextBoolean() ? Compression.none() : Compression.zstd();
    Path file = NumberedRecords.write(directory.resolve("file"), compression, CHUNKS, PER_CHUNK);
    try (Session session = new Session(file, random)) {
      for (int i = 0; i < STEPS; i++) {
        session.step();
      }
    }
  }

  /** A batch and the number of its first record. */
  private record Kept(RecordBatch batch, int first) {}

  /** What a reader is expected to do next, and what was taken from it. */
  private static final class Session implements AutoCloseable {
    private final Path file;
    private final Random random;
    private final WorkerThread other = new WorkerThread();
    private final List<Kept> mine = new ArrayList<>();
    private final List<Kept> theirs = new ArrayList<>();
    private final List<Kept> inArena = new ArrayList<>();
    private final List<MemorySegment> ended = new ArrayList<>();
    private Arena arena = Arena.ofShared();
    private RecordReader reader;
    private Iterator<MemorySegment> records;
    private int next;
    private boolean insideChunk;

    Session(Path file, Random random) throws IOException {
      this.file = file;
      this.random = random;
      open();
    }

    private void open() throws IOException {
      reader = RecordReader.open(file);
      records = reader.iterator();
      next = 0;
      insideChunk = false;
    }

    void step() throws Exception {
      switch (random.nextInt(18)) {
        case 0, 1, 2 -> iterate();
        case 3 -> assertThat(records.hasNext()).isEqualTo(next < RECORDS);
        case 4 -> visitSome();
        case 5, 6, 7 -> keep();
        case 8 -> keepElsewhere();
        case 9, 10 -> keepInArena();
        case 11, 12 -> closeOne();
        case 13 -> closeOneElsewhere();
        case 14 -> closeArena();
        case 15 -> misuse();
        case 16 -> check();
        default -> reopenSometimes();
      }
      if (random.nextInt(500) == 0) {
        System.gc();
      }
    }

    private void iterate() {
      for (int i = random.nextInt(2 * PER_CHUNK); i > 0 && next < RECORDS; i--) {
        assertRecord(records.next(), next);
        took();
      }
    }

    private void took() {
      next++;
      insideChunk = next % PER_CHUNK != 0;
    }

    private void visitSome() throws IOException {
      int[] left = {random.nextInt(PER_CHUNK)};
      try {
        reader.visit(record -> {
          assertRecord(record, next);
          took();
          if (left[0]-- == 0) {
            throw new InterruptedException();
          }
        });
        assertThat(next).isEqualTo(RECORDS);
      } catch (InterruptedException _) {
        // As it was to.
      }
    }

    private RecordBatch nextBatch() throws IOException {
      if (insideChunk) {
        assertThatIllegalStateException().isThrownBy(reader::nextBatch);
        return null;
      }
      RecordBatch batch = reader.nextBatch();
      assertThat(batch == null).isEqualTo(next == RECORDS);
      return batch;
    }

    private void keep() throws IOException {
      RecordBatch batch = nextBatch();
      if (batch != null) {
        mine.add(new Kept(batch, next));
        next += PER_CHUNK;
        if (random.nextBoolean()) {
          assertRecords(batch, mine.getLast().first());
        }
      }
    }

    private void keepElsewhere() throws Exception {
      RecordBatch batch = nextBatch();
      if (batch != null) {
        Kept kept = new Kept(batch, next);
        next += PER_CHUNK;
        other.run(() -> assertRecords(kept.batch(), kept.first()));
        theirs.add(kept);
      }
    }

    private void keepInArena() throws IOException {
      if (insideChunk) {
        assertThatIllegalStateException().isThrownBy(() -> reader.nextBatch(arena));
        return;
      }
      RecordBatch batch = reader.nextBatch(arena);
      assertThat(batch == null).isEqualTo(next == RECORDS);
      if (batch != null) {
        inArena.add(new Kept(batch, next));
        next += PER_CHUNK;
      }
    }

    private void closeOne() {
      if (!mine.isEmpty()) {
        Kept kept = mine.remove(random.nextInt(mine.size()));
        assertRecords(kept.batch(), kept.first());
        ended.add(kept.batch().get(random.nextInt(PER_CHUNK)));
        kept.batch().close();
        assertEnded(kept.batch());
      }
    }

    private void closeOneElsewhere() throws Exception {
      if (!theirs.isEmpty()) {
        Kept kept = theirs.remove(random.nextInt(theirs.size()));
        other.run(() -> assertRecords(kept.batch(), kept.first()));
        other.run(kept.batch()::close);
        assertEnded(kept.batch());
      }
    }

    private void closeArena() throws Exception {
      check();
      if (random.nextBoolean()) {
        other.run(arena::close);
      } else {
        arena.close();
      }
      inArena.forEach(kept -> assertEnded(kept.batch()));
      inArena.clear();
      if (!insideChunk && next < RECORDS && random.nextBoolean()) {
        Arena closed = arena;
        assertThatIllegalStateException().isThrownBy(() -> reader.nextBatch(closed));
      }
      arena = Arena.ofShared();
    }

    private void misuse() throws Exception {
      assertThat(other.thrownBy(records::hasNext)).isInstanceOf(WrongThreadException.class);
      assertThat(other.thrownBy(reader::close)).isInstanceOf(WrongThreadException.class);
      theirs.forEach(kept -> assertForeign(kept.batch()));
      ended.forEach(LifetimeAssert::assertEnded);
    }

    private void check() throws Exception {
      for (List<Kept> kept : List.of(mine, inArena)) {
        kept.forEach(it -> assertRecords(it.batch(), it.first()));
      }
      for (Kept kept : theirs) {
        other.run(() -> assertRecords(kept.batch(), kept.first()));
      }
      assertThat(reader.recordCount()).isEqualTo(RECORDS);
    }

    private void reopenSometimes() throws Exception {
      if (next == RECORDS || random.nextInt(20) == 0) {
        closeReader();
        open();
      }
    }

    private void closeReader() throws Exception {
      check();
      reader.close();
      mine.forEach(kept -> assertEnded(kept.batch()));
      mine.clear();
      ended.forEach(LifetimeAssert::assertEnded);
      ended.clear();
      inArena.forEach(kept -> assertRecords(kept.batch(), kept.first()));
      for (Kept kept : theirs) {
        other.run(() -> assertRecords(kept.batch(), kept.first()));
      }
      assertThatIllegalStateException().isThrownBy(records::hasNext);
    }

    @Override
    public void close() throws Exception {
      closeReader();
      arena.close();
      other.close();
    }
  }
}
