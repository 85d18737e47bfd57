package io.disky.random;

import io.disky.memory.NativeMemory;
import java.lang.foreign.MemorySegment;

/** Wanted records of one or several chunks of a file, in memory until they are released. */
interface RecordGroup {
  /** Of how many chunks it has the wanted records. */
  int chunks();

  /** The memory of {@link #part()}. */
  NativeMemory memory();

  /** The part of the memory in which the records lie. */
  MemorySegment part();

  /**
   * Where a record begins in {@link #part()}, in bytes.
   *
   * @param i the index of the record in the array of numbers
   */
  long offset(int i);

  /**
   * Size of a record in bytes.
   *
   * @param i the index of the record in the array of numbers
   */
  long size(int i);

  /** Ends the use of the memory. */
  void release();
}
