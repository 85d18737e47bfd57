package io.disky;

import io.disky.files.QuotedText;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** A shard that is in memory. */
record MemoryShard(String name, MemorySegment contents) implements Shard {
  @Override
  public RecordReader open(ReaderOptions options) throws IOException {
    return RecordReader.open(contents, options);
  }

  @Override
  public String toString() {
    return QuotedText.name(name);
  }
}
