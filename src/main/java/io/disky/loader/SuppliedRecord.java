package io.disky.loader;

import io.disky.loading.SuppliedBytes;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Takes the bytes of a record from a {@link RecordSupplier}. If there are several calls of {@code
 * put}, the record has the bytes of all of them, in the order of the calls. Each call copies its
 * bytes before it returns.
 */
public final class SuppliedRecord {
  private final SuppliedBytes staged;

  SuppliedRecord(SuppliedBytes staged) {
    this.staged = staged;
  }

  /**
   * Adds an array to the record. For an empty record, add an array of 0 bytes.
   *
   * @throws IllegalStateException if the call of the supplier has returned, or is on another thread
   */
  public void put(byte[] bytes) {
    staged.add(bytes, 0, bytes.length);
  }

  /**
   * Adds a part of an array to the record.
   *
   * @param offset where the part begins in {@code bytes}
   * @param length its size in bytes
   * @throws IndexOutOfBoundsException if the array does not have this part; nothing is added
   * @throws IllegalStateException if the call of the supplier has returned, or is on another thread
   */
  public void put(byte[] bytes, int offset, int length) {
    staged.add(bytes, offset, length);
  }

  /**
   * Adds a segment, on the heap or not, to the record. If this method throws, nothing is added.
   *
   * @throws IOException if the segment is memory of a mapped file that was truncated, or whose
   *     storage fails. If the supplier catches this exception and returns, the record has the bytes
   *     of the other calls
   * @throws IllegalStateException if the arena of the segment is closed; or if the call of the
   *     supplier has returned, or is on another thread
   * @throws WrongThreadException if the segment is confined to another thread
   */
  public void put(MemorySegment bytes) throws IOException {
    staged.add(bytes);
  }
}
