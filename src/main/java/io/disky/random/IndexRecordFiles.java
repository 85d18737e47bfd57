package io.disky.random;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** Reads and writes the record files in which indexes are saved. */
public interface IndexRecordFiles {
  /**
   * Limits for reading.
   *
   * @param maxChunkSize the largest chunk that is decoded, in bytes
   * @param maxRecordSize the largest record that is returned, in bytes
   * @param maxRecordsPerChunk the largest number of records of a chunk that is decoded
   */
  record Limits(long maxChunkSize, long maxRecordSize, long maxRecordsPerChunk) {}

  /** An open record file. */
  interface Records extends AutoCloseable {
    /** Size of the file in bytes. */
    long fileSize() throws IOException;

    /** The next record, valid until the next call; {@code null} at the end. */
    @Nullable MemorySegment next() throws IOException;

    @Override
    void close() throws IOException;
  }

  /**
   * Opens the record file at {@code path}.
   *
   * @throws java.nio.file.NoSuchFileException if the file does not exist
   */
  Records open(Path path, Limits limits) throws IOException;

  /**
   * Replaces the contents of the file at {@code path}.
   *
   * @param chunkSize the size of chunks in bytes
   * @param first the first record, in a chunk by itself
   * @param rest the records after it
   */
  void write(Path path, long chunkSize, ByteBuffer first, Iterator<ByteBuffer> rest)
      throws IOException;
}
