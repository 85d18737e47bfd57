package io.disky;

/** What a reader does about damage. */
public enum CorruptionStrategy {
  /**
   * Stops at the first damage with a {@link CorruptFileException}; the records before it were
   * delivered. The default.
   */
  ERROR,
  /**
   * Goes on with the next chunk that is intact, and reports each {@link SkippedRegion}. Every
   * record of every intact chunk is delivered, in file order, if the chunks before it, an intact
   * block header, or a search places the chunk. {@code docs/recovery.md} states what a reader
   * cannot decide, and the costs of recovery.
   *
   * <p>Failures of the disk, and a chunk beyond {@link ReaderOptions#maxChunkSize()}, are still
   * exceptions. {@link RecordReader#recordCount()}, {@link RecordReader#describe()}, {@link
   * RecordReader#forEachChunk} and {@link RecordReader#metadata()} do not recover.
   */
  RECOVER
}
