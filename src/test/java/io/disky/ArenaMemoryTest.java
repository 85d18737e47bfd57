package io.disky;

import static io.disky.testing.NumberedRecords.assertRecords;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.disky.testing.NumberedRecords;
import io.disky.testing.WorkerThread;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Arenas that are code of the user, and give other memory than they are asked for. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // not to ask for ever
class ArenaMemoryTest {
  private static final int PER_CHUNK = 9;

  @TempDir private Path directory;
  private Path file;

  /** What is given. */
  enum Gift {
    NOTHING,
    TOO_LITTLE,
    HEAP,
    READ_ONLY,
    MISALIGNED;

    @Nullable MemorySegment of(Arena arena, long size, long alignment) {
      return switch (this) {
        case NOTHING -> null;
        case TOO_LITTLE -> arena.allocate(size - 1, alignment);
        case HEAP -> MemorySegment.ofArray(new byte[(int) size]);
        case READ_ONLY -> arena.allocate(size, alignment).asReadOnly();
        case MISALIGNED -> arena.allocate(size + 1, Long.BYTES).asSlice(1);
      };
    }
  }

  private record Giving(Arena arena, Gift gift) implements Arena {
    @Override
    public MemorySegment allocate(long size, long alignment) {
      return gift.of(arena, size, alignment);
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

  /** Larger than what is asked for, and zeroed or not: that does no harm. */
  private record Generous(Arena arena) implements Arena {
    @Override
    public MemorySegment allocate(long size, long alignment) {
      return arena.allocate(size + 100, alignment).fill((byte) 7);
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

  @BeforeEach
  void writeFile() throws IOException {
    file = NumberedRecords.write(directory.resolve("file"), Compression.zstd(), 3, PER_CHUNK);
  }

  @ParameterizedTest
  @EnumSource
  void batches(Gift gift) throws IOException {
    try (Arena arena = Arena.ofConfined();
        RecordReader reader = RecordReader.open(file)) {
      Arena giving = new Giving(arena, gift);
      assertRefused(gift, () -> reader.nextBatch(giving));
      assertThat(reader.iterator().hasNext()).isTrue();
      assertRefused(gift, () -> reader.nextBatch(giving));
      try (RecordBatch batch = reader.nextBatch()) {
        assertRecords(batch, 0);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "MISALIGNED") // records have no alignment
  void copies(Gift gift) throws IOException {
    try (Arena arena = Arena.ofConfined();
        RandomAccessReader reader = RandomAccessReader.open(file)) {
      Arena giving = new Giving(arena, gift);
      assertRefused(gift, () -> reader.get(1, giving));
      assertRefused(gift, () -> reader.getAll(new long[] {1, 20}, giving));
      assertThat(reader.get(1)).isNotEmpty();
    }
  }

  private static void assertRefused(Gift gift, WorkerThread.Task read) {
    assertThatIllegalArgumentException()
        .as("%s", gift)
        .isThrownBy(read::run)
        .withMessageContaining("the arena did not allocate")
        .withMessageContaining("Giving");
  }

  @Test
  void moreThanEnoughIsEnough() throws IOException {
    try (Arena arena = Arena.ofConfined();
        RecordReader reader = RecordReader.open(file)) {
      RecordBatch batch = reader.nextBatch(new Generous(arena));
      assertRecords(batch, 0);
      try (RandomAccessReader random = RandomAccessReader.open(file)) {
        MemorySegment record = random.get(0, new Generous(arena));
        assertThat(record.byteSize()).isEqualTo(batch.get(0).byteSize());
      }
    }
  }
}
