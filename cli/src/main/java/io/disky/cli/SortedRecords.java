package io.disky.cli;

import io.disky.ReaderOptions;
import io.disky.RecordBatch;
import io.disky.RecordReader;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Collects records of several files in memory and sorts them as sequences of unsigned bytes. */
final class SortedRecords {
  private final Arena arena;
  private final List<MemorySegment> records = new ArrayList<>();

  /** Keeps records in {@code arena}. */
  SortedRecords(Arena arena) {
    this.arena = arena;
  }

  void addAll(Path file, ReaderOptions options, Progress progress) throws IOException {
    try (RecordReader reader = RecordReader.open(file, options)) {
      for (RecordBatch batch = reader.nextBatch(arena);
          batch != null;
          batch = reader.nextBatch(arena)) {
        for (int i = 0; i < batch.recordCount(); i++) {
          records.add(batch.get(i));
        }
        progress.stepTo(batch.chunkBegin());
      }
      progress.endPart(reader.fileSize());
    }
  }

  RecordDigest digest() {
    records.sort(SortedRecords::compareUnsigned);
    RecordDigest digest = new RecordDigest();
    for (MemorySegment record : records) {
      digest.add(record);
    }
    return digest;
  }

  private static int compareUnsigned(MemorySegment a, MemorySegment b) {
    long at = a.mismatch(b);
    if (at < 0 || at == Math.min(a.byteSize(), b.byteSize())) {
      return Long.compare(a.byteSize(), b.byteSize());
    }
    return Byte.compareUnsigned(a.get(ValueLayout.JAVA_BYTE, at), b.get(ValueLayout.JAVA_BYTE, at));
  }
}
