package io.disky.loading;

import java.lang.foreign.MemorySegment;

/** A filter or mapper of the user, which runs for each record before it becomes part of a batch. */
public sealed interface RecordStage {
  /** Describes the record of a call. Valid during the call. */
  interface Context {
    /** The number of the epoch. */
    long epoch();

    /** The position of the record in the epoch. */
    long position();

    /** The index of the source. */
    int source();

    /** The number of the record in its source. */
    long number();

    /** Depends on the seed of the loader, the epoch and the position only. */
    long seed();
  }

  /** Takes the result of a mapping. */
  interface Output {
    /** Memory of {@code size} bytes, all zero, for the result. */
    MemorySegment allocate(long size);
  }

  /** Keeps some records. */
  @FunctionalInterface
  interface Predicate {
    /** Whether to keep the record. */
    boolean test(Context context, MemorySegment record) throws Throwable;
  }

  /** Replaces records. */
  @FunctionalInterface
  interface Mapping {
    /** Writes the result for the record. */
    void map(Context context, MemorySegment record, Output output) throws Throwable;
  }

  /** A stage that keeps some records. */
  record Filter(Predicate predicate) implements RecordStage {}

  /** A stage that replaces records. */
  record Map(Mapping mapping) implements RecordStage {}
}
