package io.disky.collation;

import io.disky.engine.ArrowRelease;
import io.disky.memory.KeptMemory;
import io.disky.memory.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Structures of the Arrow C Data Interface that were passed to a consumer. Their {@code release}
 * callbacks are functions of the native library, which decrease a counter of arrays or a counter of
 * schemas; they never call Java. The values stay in memory until the counter of arrays is 0, the
 * structures until both counters are 0, even if nothing else refers to them. Thread-safe.
 */
public final class ArrowExport {
  // All exports that a consumer can still reach. The next call of endReleased removes those that
  // were released.
  private static final Set<ArrowExport> EXISTING = ConcurrentHashMap.newKeySet();

  private static final VarHandle COUNTER = ValueLayout.JAVA_LONG.varHandle();

  private final NativeMemory structures;

  // This object's monitor guards these three fields, and reading the counters: after the end, the
  // memory is used for other objects.
  private boolean released;
  private boolean ended;

  @SuppressWarnings("UnusedVariable") // Keeps the values in memory.
  private @Nullable Object values;

  private ArrowExport(NativeMemory structures, Object values) {
    this.structures = structures;
    this.values = values;
  }

  /**
   * Writes the structures for {@code field} to {@code array} and {@code schema}.
   *
   * @param values an object that keeps the values in memory
   * @throws IllegalArgumentException if {@code array} or {@code schema} is not suitable memory
   */
  public static ArrowExport export(
      ArrowField field, Object values, MemorySegment array, MemorySegment schema) {
    check(array, ArrowStructures.ARRAY_SIZE, "array");
    check(schema, ArrowStructures.SCHEMA_SIZE, "schema");
    if (array.asOverlappingSlice(schema).isPresent()) {
      throw new IllegalArgumentException("the memory for array and schema overlaps");
    }
    endReleased();
    ArrowRelease release = ArrowRelease.functions();
    NativeMemory memory = KeptMemory.takeOrAllocate(ArrowStructures.size(field));
    ArrowStructures.write(field, memory.segment(), release.array(), release.schema());
    ArrowExport export = new ArrowExport(memory, values);
    EXISTING.add(export);
    export.handOut(array, schema);
    return export;
  }

  private static void check(MemorySegment structure, long size, String what) {
    boolean fits =
        structure.isNative()
            && !structure.isReadOnly()
            && structure.byteSize() >= size
            && structure.address() % Long.BYTES == 0;
    if (!fits) {
      throw new IllegalArgumentException(
          "the memory for the "
              + what
              + " is not writable native memory of at least "
              + size
              + " bytes that is aligned to "
              + Long.BYTES
              + ": "
              + structure
              + "; of an address, use MemorySegment.ofAddress(address).reinterpret("
              + size
              + ")");
    }
  }

  /** Copies the structures of the field to memory of the consumer, whose access can throw. */
  private void handOut(MemorySegment array, MemorySegment schema) {
    boolean hasSchema = false;
    boolean hasArray = false;
    MemorySegment from = structures.segment();
    try {
      MemorySegment.copy(from, ArrowStructures.ROOT_SCHEMA, schema, 0, ArrowStructures.SCHEMA_SIZE);
      hasSchema = true;
      MemorySegment.copy(from, ArrowStructures.ROOT_ARRAY, array, 0, ArrowStructures.ARRAY_SIZE);
      hasArray = true;
    } finally {
      // The consumer cannot release a structure that it did not get.
      if (!hasSchema) {
        COUNTER.setRelease(from, ArrowStructures.SCHEMAS, 0L);
      }
      if (!hasArray) {
        COUNTER.setRelease(from, ArrowStructures.ARRAYS, 0L);
        endReleased();
      }
    }
  }

  /** Whether the consumer has released the array, so that it no longer uses the values. */
  public synchronized boolean isReleased() {
    if (!released && count(ArrowStructures.ARRAYS) == 0) {
      released = true;
      values = null;
    }
    return released;
  }

  private long count(long counter) {
    return (long) COUNTER.getAcquire(structures.segment(), counter);
  }

  /** Frees all exports that were released. Takes a few nanoseconds if there are no exports. */
  public static void endReleased() {
    for (ArrowExport export : EXISTING) {
      export.endIfReleased();
    }
  }

  private synchronized void endIfReleased() {
    if (!ended && isReleased() && count(ArrowStructures.SCHEMAS) == 0) {
      ended = true;
      EXISTING.remove(this);
      KeptMemory.give(structures);
    }
  }

  /** Number of exports whose structures or values a consumer can still reach. */
  static int existing() {
    return EXISTING.size();
  }
}
