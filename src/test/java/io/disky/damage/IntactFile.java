package io.disky.damage;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.ChunkDescription;
import io.disky.ChunkType;
import io.disky.RecordBatch;
import io.disky.RecordReader;
import io.disky.oracle.BlockLayout;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A file before it is damaged: where its chunks lie, and which records are in them. All positions
 * are offsets in the file in bytes.
 */
public final class IntactFile {
  /**
   * A chunk.
   *
   * @param begin where it begins
   * @param headerEnd where its header ends and its data begin
   * @param dataEnd where its data end
   * @param end where the next chunk begins
   * @param type what it is
   * @param data its records that are ones of the user, one after the other
   * @param ends where each of these ends in {@code data}
   */
  public record Chunk(
      int begin, int headerEnd, int dataEnd, int end, ChunkType type, byte[] data, long[] ends) {
    public boolean hasRecords() {
      return ends.length > 0;
    }

    /** Checks that {@code batch} has exactly the records of this chunk. */
    public void assertSame(RecordBatch batch) {
      assertThat(batch.ends().mismatch(MemorySegment.ofArray(ends)))
          .as("first differing byte of the ends of %s", batch)
          .isEqualTo(-1);
      assertThat(batch.data().mismatch(MemorySegment.ofArray(data)))
          .as("first differing byte of the records of %s", batch)
          .isEqualTo(-1);
    }
  }

  private final String name;
  private final byte[] bytes;
  private final List<Chunk> chunks = new ArrayList<>();

  private IntactFile(String name, byte[] bytes) {
    this.name = name;
    this.bytes = bytes;
  }

  /** Reads the file at {@code path}, which must be intact. */
  public static IntactFile read(Path path) throws IOException {
    IntactFile file = new IntactFile(path.getFileName().toString(), Files.readAllBytes(path));
    try (RecordReader reader = RecordReader.open(path)) {
      Map<Long, RecordBatch> batches = new HashMap<>();
      for (RecordBatch batch = reader.nextBatch(); batch != null; batch = reader.nextBatch()) {
        batches.put(batch.chunkBegin(), batch);
      }
      reader.forEachChunk(chunk -> file.add(chunk, batches.remove(chunk.begin())));
      assertThat(batches).isEmpty();
    }
    return file;
  }

  private void add(ChunkDescription chunk, RecordBatch batch) {
    long begin = chunk.begin();
    long header = BlockLayout.CHUNK_HEADER_SIZE;
    chunks.add(
        new Chunk(
            (int) begin,
            (int) BlockLayout.advance(begin, header),
            (int) BlockLayout.advance(begin, header + chunk.encodedBytes()),
            (int) chunk.end(),
            chunk.type(),
            batch == null ? new byte[0] : batch.data().toArray(ValueLayout.JAVA_BYTE),
            batch == null ? new long[0] : batch.ends().toArray(ValueLayout.JAVA_LONG)));
  }

  /** What is in it; not to be changed. */
  public byte[] bytes() {
    return bytes;
  }

  /** Its chunks in order, the file signature first. */
  public List<Chunk> chunks() {
    return chunks;
  }

  /** Where its last chunk ends. */
  public int end() {
    return chunks.getLast().end();
  }

  /** Where its block headers are, but for the first one, which is part of the file signature. */
  public List<Integer> blocks() {
    List<Integer> blocks = new ArrayList<>();
    for (int at = BlockLayout.BLOCK_SIZE; at < bytes.length; at += BlockLayout.BLOCK_SIZE) {
      blocks.add(at);
    }
    return blocks;
  }

  /** Says whether a record of it is a record file itself. */
  boolean hasEmbeddedFiles() {
    return name.startsWith("nested.");
  }

  @Override
  public String toString() {
    return name;
  }
}
