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
 * Structures of the Arrow C Data Interface that a consumer has got. Their {@code release} callbacks
 * are functions of the native library, which count down; they never call Java. Until both counters
 * are 0, the structures stay in memory, and until the one for arrays is 0, so do the values, even
 * if everything else forgets them. Thread-safe.
 */
public final class ArrowExport {
  // Everything that a consumer can still reach. Whoever exports or asks next removes what was
  // released.
  private static final Set<ArrowExport> EXISTING = ConcurrentHashMap.newKeySet();

  private static final VarHandle COUNTER = ValueLayout.JAVA_LONG.varHandle();

  private final NativeMemory structures;

  // This object's monitor guards these three fields, and reading the counters: after the end the
  // memory belongs to others.
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
   * @param values what keeps the values in memory
   * @throws IllegalArgumentException if the structures cannot be written there
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

  /** Copies the structures of the field itself to the consumer, whose memory may refuse. */
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
      // What the consumer did not get, it cannot release.
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

  /** Ends what all consumers have released. Takes a few nanoseconds if there are none. */
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
