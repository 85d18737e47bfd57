package io.disky.shuffling;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** The records that are too large for the parts: each has its own chain. For one thread. */
final class LargeRecords {
  private final BlockFile file;
  private final MemorySegment block;
  private final ChainWriter writer;
  private final List<Chain> records = new ArrayList<>();

  /**
   * Keeps records in {@code file}.
   *
   * @param block memory for one block, used during each call
   */
  LargeRecords(BlockFile file, MemorySegment block) {
    this.file = file;
    this.block = block;
    this.writer = new ChainWriter(file, block);
  }

  /** Adds a record; returns its index. */
  int add(MemorySegment memory, long offset, long size) throws IOException {
    writer.put(memory, offset, size);
    records.add(writer.end());
    return records.size() - 1;
  }

  /** Reads a record into memory of {@code arena}. */
  MemorySegment read(long index, Arena arena) throws IOException {
    Chain chain = records.get(Math.toIntExact(index));
    MemorySegment record = arena.allocate(chain.bytes());
    new ChainReader(file, chain, block).read(record, 0, chain.bytes());
    return record;
  }
}
