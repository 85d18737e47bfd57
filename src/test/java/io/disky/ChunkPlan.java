package io.disky;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Tells which chunks a writer makes of records: a chunk closes before a record that would take it
 * past the chunk size, where each record counts its bytes and 8 more.
 */
final class ChunkPlan {
  private static final int RECORD_OVERHEAD = 8;

  /**
   * A chunk of records.
   *
   * @param records number of records
   * @param bytes sum of their sizes in bytes
   */
  record Chunk(long records, long bytes) {}

  private final List<Chunk> chunks = new ArrayList<>();
  private long chunkSize;
  private long records;
  private long bytes;

  /** Begins what one writer adds to a file. */
  void open(long size) {
    chunkSize = size;
  }

  /** Adds a record of {@code size} bytes. */
  void add(long size) {
    if (records > 0 && bytes + size + RECORD_OVERHEAD * (records + 1) > chunkSize) {
      flush();
    }
    records++;
    bytes += size;
  }

  /** Ends the chunk, if there is one; so does closing a writer. */
  void flush() {
    if (records > 0) {
      chunks.add(new Chunk(records, bytes));
    }
    records = 0;
    bytes = 0;
  }

  /** The chunks that were ended. */
  List<Chunk> chunks() {
    return Collections.unmodifiableList(chunks);
  }

  /**
   * Joins each two of {@code found} that are one chunk of the plan together: upstream compatibility
   * parts chunks.
   */
  List<Chunk> joinParts(List<Chunk> found) {
    List<Chunk> joined = new ArrayList<>();
    for (int i = 0; i < found.size(); i++) {
      Chunk chunk = found.get(i);
      boolean isPart =
          joined.size() < chunks.size()
              && chunk.records() < chunks.get(joined.size()).records()
              && i + 1 < found.size();
      if (isPart) {
        i++;
        Chunk rest = found.get(i);
        chunk = new Chunk(chunk.records() + rest.records(), chunk.bytes() + rest.bytes());
      }
      joined.add(chunk);
    }
    return joined;
  }
}
