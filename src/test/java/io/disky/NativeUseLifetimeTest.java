package io.disky;

import static io.disky.lifetime.LifetimeAssert.assertEnded;
import static io.disky.lifetime.LifetimeAssert.descriptors;
import static io.disky.testing.NumberedRecords.assertRecords;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.disky.testing.NumberedRecords;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Path;
import java.util.Iterator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What is in use by a native call of the user does not end under it. */
@EnabledOnOs({OS.LINUX, OS.MAC})
class NativeUseLifetimeTest {
  private static final int PER_CHUNK = 5;

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void setUp() throws IOException {
    file = NumberedRecords.write(directory.resolve("file"), Compression.none(), 3, PER_CHUNK);
  }

  @Test
  void batchStaysOpen() throws Throwable {
    try (RecordReader reader = RecordReader.open(file);
        RecordBatch batch = reader.nextBatch()) {
      Throwable thrown = duringNativeCallWith(batch.data(), batch::close);

      assertThat(thrown).isInstanceOf(IllegalStateException.class);
      RecordBatch next = reader.nextBatch();
      assertRecords(next, PER_CHUNK);
      assertRecords(batch, 0);
      batch.close();
      assertEnded(batch);
    }
  }

  /** Nor may the failed step lose the chunk that was to come. */
  @Test
  void recordOfIterationStaysAndNoneIsLost() throws Throwable {
    try (RecordReader reader = RecordReader.open(file)) {
      Iterator<MemorySegment> records = reader.iterator();
      MemorySegment record = null;
      for (int i = 0; i < PER_CHUNK; i++) {
        record = records.next();
      }
      Throwable thrown = duringNativeCallWith(record, records::next);

      assertThat(thrown).isInstanceOf(IllegalStateException.class);
      NumberedRecords.assertRecord(record, PER_CHUNK - 1);
      NumberedRecords.assertRest(reader, PER_CHUNK, 3 * PER_CHUNK - 1);
    }
  }

  /** The reader has moved, and nothing that was decoded before comes any more. */
  @Test
  void seekMovesCompletely() throws Throwable {
    try (RecordReader reader = RecordReader.open(file)) {
      Iterator<MemorySegment> records = reader.iterator();
      MemorySegment record = null;
      for (int i = 0; i < PER_CHUNK; i++) {
        record = records.next();
      }
      assertThat(records.hasNext()).isTrue();
      Throwable thrown = duringNativeCallWith(record, reader::rewind);

      assertThat(thrown).isInstanceOf(IllegalStateException.class);
      NumberedRecords.assertRecord(record, PER_CHUNK - 1);
      assertThat(reader.position()).isEqualTo(RecordPosition.START);
      NumberedRecords.assertRest(reader, 0, 3 * PER_CHUNK - 1);
    }
  }

  /** Whether the reader is closed at once or can be closed later: the file does not stay open. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void readerIsNeverHalfClosed() throws Throwable {
    RecordReader reader = RecordReader.open(file);
    RecordBatch batch = reader.nextBatch();
    MemorySegment data = batch.data();

    Throwable thrown = duringNativeCallWith(data, reader::close);

    assertThat(thrown).isInstanceOf(IllegalStateException.class);
    assertRecords(batch, 0);
    reader.close();
    batch.close();
    assertThat(reader.isOpen()).isFalse();
    assertThat(descriptors(file)).isZero();
    assertEnded(data);
  }

  @Test
  void slotStaysOpen() throws Throwable {
    Path written = directory.resolve("written");
    try (RecordWriter writer = RecordWriter.open(written)) {
      writer.write(
          8,
          slot -> {
            Throwable thrown = duringNativeCallWith(slot, writer::close);
            assertThat(thrown).isInstanceOf(IllegalStateException.class);
            slot.set(JAVA_LONG.withByteAlignment(1), 0, 42);
            return 8;
          });
    }
    try (RecordReader reader = RecordReader.open(written)) {
      assertThat(reader.next().byteSize()).isEqualTo(8);
    }
  }

  /** What {@code action} throws while the C library searches in {@code memory}. */
  private static Throwable duringNativeCallWith(MemorySegment memory, ThrowingCallable action) {
    Comparison comparison = new Comparison(action);
    try (Arena arena = Arena.ofConfined()) {
      Linker linker = Linker.nativeLinker();
      MethodHandle search =
          linker.downcallHandle(
              linker.defaultLookup().find("bsearch").orElseThrow(),
              FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG, ADDRESS));
      MethodHandle compare =
          MethodHandles.lookup()
              .bind(
                  comparison,
                  "compare",
                  MethodType.methodType(int.class, MemorySegment.class, MemorySegment.class));
      MemorySegment upcall =
          linker.upcallStub(compare, FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS), arena);
      MemorySegment found =
          (MemorySegment) search.invokeExact(arena.allocate(1), memory, 1L, 1L, upcall);
      assertThat(found).isEqualTo(MemorySegment.ofAddress(memory.address()));
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
    return comparison.thrown;
  }

  private static final class Comparison {
    private final ThrowingCallable action;
    private Throwable thrown;

    Comparison(ThrowingCallable action) {
      this.action = action;
    }

    // An exception that left an upcall would end the JVM.
    @SuppressWarnings({"UnusedMethod", "UnusedVariable"}) // Called by the C library.
    int compare(MemorySegment key, MemorySegment element) {
      thrown = catchThrowable(action);
      return 0;
    }
  }
}
