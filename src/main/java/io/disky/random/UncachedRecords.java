package io.disky.random;

import io.disky.engine.ChunkPick;
import io.disky.engine.StackProof;
import io.disky.memory.NativeMemory;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Wanted records of chunks that are not put into the cache. One call of the engine reads them, to
 * memory of this object. Of an uncompressed chunk it copies nothing.
 */
final class UncachedRecords implements RecordGroup {
  /** The largest memory, in bytes: {@link io.disky.memory.KeptMemory} keeps memory of this size. */
  private static final long MOST = 16 << 20;

  private final IndexedFiles files;
  private final List<Selection> selections;
  private final long[] records;
  private final int first;
  private final long size;
  private int chunks;
  private NativeMemory memory = NativeMemory.NONE;
  private MemorySegment part = MemorySegment.NULL;
  private @Nullable ChunkPick pick;

  /**
   * Nothing is read yet.
   *
   * @param selections neighbouring chunks; the group has the first ones of them, up to one that is
   *     in the cache, is too large or is in another file
   * @param records the array of numbers
   */
  UncachedRecords(IndexedFiles files, List<Selection> selections, long[] records) {
    IndexedFile file = selections.getFirst().file();
    long bytes = 0;
    int count = 0;
    while (count < selections.size()) {
      Selection next = selections.get(count);
      double memory = bytes + file.index().roomyMemory(next.entry());
      if (next.file() != file || memory > MOST || files.cache().holds(next.chunk().key())) {
        break;
      }
      bytes = (long) memory;
      count++;
    }
    this.files = files;
    this.selections = selections.subList(0, count);
    this.records = records;
    this.first = selections.getFirst().from();
    this.size = count == 0 ? 0 : bytes + ChunkPick.tableSize(count, wanted());
  }

  private int wanted() {
    return selections.getLast().to() - first;
  }

  /** The memory that {@link #read} takes, in bytes. */
  long memorySize() {
    return size;
  }

  /**
   * Reads the records. Returns {@code false} if the first chunk is unusual: the cache must decode
   * it, and returns its records or the failure.
   */
  boolean read() throws IOException {
    if (selections.isEmpty()) {
      return false;
    }
    StackProof.require();
    memory = files.cache().takeBeyond(size);
    try {
      ChunkPick all = new ChunkPick(memory.segment(), selections.size(), wanted());
      for (int i = 0; i < selections.size(); i++) {
        add(all, i, selections.get(i));
      }
      chunks = selections.getFirst().file().pick(all);
      part = all.data();
      pick = all;
    } finally {
      if (chunks == 0) {
        release();
      }
    }
    files.cache().countDecodes(chunks);
    return chunks > 0;
  }

  private void add(ChunkPick all, int chunk, Selection selection) {
    ChunkIndex.Entry entry = selection.entry();
    int from = selection.from();
    int to = selection.to();
    all.setChunk(chunk, entry.begin(), entry.end(), entry.records(), to - from);
    for (int i = from; i < to; i++) {
      all.setRecord(i - first, records[i] - selection.firstRecord());
    }
  }

  @Override
  public int chunks() {
    return chunks;
  }

  @Override
  public NativeMemory memory() {
    return memory;
  }

  @Override
  public MemorySegment part() {
    return part;
  }

  @Override
  public long offset(int i) {
    return present(pick).offset(i - first);
  }

  @Override
  public long size(int i) {
    return present(pick).size(i - first);
  }

  private static ChunkPick present(@Nullable ChunkPick pick) {
    if (pick == null) {
      throw new IllegalStateException("the records are not read");
    }
    return pick;
  }

  @Override
  public void release() {
    NativeMemory unused = memory;
    memory = NativeMemory.NONE;
    files.cache().giveBeyond(unused);
  }
}
