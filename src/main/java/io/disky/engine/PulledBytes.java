package io.disky.engine;

import io.disky.ffi.disky_h;
import io.disky.ffi.disky_need;
import io.disky.memory.MemoryFault;
import io.disky.memory.PendingFault;
import io.disky.transfer.ByteSource;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/** Supplies a native reader that has no file of its own with the bytes of a source. */
final class PulledBytes {
  /** The most bytes of a chunk that are supplied before the engine knows how long it is. */
  private static final long MOST_UNCHECKED = 16 << 20;

  /** The engine searches the chunks that were supplied one after the other. */
  private static final int MOST_PICKED = 256;

  private static final long MOST_PICKED_BYTES = 16 << 20;

  /** The most bytes after a needed chunk header that an exact source reads. */
  private static final long HEADERS = 64 << 10;

  /** At least the bytes of a chunk header with a block header inside. */
  private static final int HEAD = 128;

  private final NativeReader reader;
  private final ByteSource source;
  private final MemorySegment need = disky_need.allocate(Arena.ofAuto());

  // The chunk to which the reader was moved: its bytes cost one request.
  private long chunkBegin;
  private long chunkEnd;

  /** The first bytes of this chunk, in native memory, and their number. */
  private final MemorySegment head = Arena.ofAuto().allocate(HEAD);

  private int headSize;

  PulledBytes(NativeReader reader, ByteSource source) {
    this.reader = reader;
    this.source = source;
  }

  ByteSource source() {
    return source;
  }

  /** The reader is now at a chunk that ends at {@code end} or before; 0 if that is not known. */
  void movedTo(long begin, long end) {
    chunkBegin = begin;
    chunkEnd = end;
    headSize = 0;
  }

  /** The first bytes of the chunk to which the reader was moved, if they were supplied. */
  byte[] head() {
    return head.asSlice(0, headSize).toArray(ValueLayout.JAVA_BYTE);
  }

  /** Supplies bytes that another reader has read at the beginning of a chunk. */
  void supplyHead(long position, byte[] bytes) throws EngineException {
    int size = Math.min(bytes.length, HEAD);
    MemorySegment.copy(bytes, 0, head, ValueLayout.JAVA_BYTE, 0, size);
    reader.once(
        pointer -> disky_h.disky_reader_supply(pointer, position, head, size, 0, reader.error()));
  }

  /** Supplies the bytes that the engine needs, and further bytes that the engine could use. */
  void supplyNeeded() throws EngineException {
    reader.once(pointer -> disky_h.disky_reader_need(pointer, need, reader.error()));
    long position = disky_need.offset(need);
    long missing = disky_need.size(need);
    long welcome = welcome(position, missing, disky_need.welcome(need));
    boolean more = true;
    try {
      while (more && missing > 0) {
        long size = supply(position, welcome, true);
        more = size > 0;
        position += size;
        missing -= size;
        welcome -= size;
      }
    } catch (IOException e) {
      throw EngineException.of(e);
    }
  }

  /** Of a chunk whose end is known exactly its bytes are welcome, however large it is. */
  private long welcome(long position, long missing, long otherwise) {
    if (chunkBegin <= position && position < chunkEnd) {
      return Math.max(missing, Math.min(chunkEnd - position, MOST_UNCHECKED));
    }
    return source.isExact() ? Math.max(missing, Math.min(otherwise, HEADERS)) : otherwise;
  }

  /**
   * Supplies some bytes from {@code position} on.
   *
   * @param end whether an end of the source is reported to the engine
   * @return their number; 0 at the end
   */
  private long supply(long position, long most, boolean end) throws IOException, EngineException {
    MemorySegment bytes = read(position, most);
    long size = bytes.byteSize();
    if (position == chunkBegin) {
      headSize = (int) Math.min(size, HEAD);
      MemorySegment.copy(bytes, 0, head, 0, headSize);
    }
    if (size > 0 || end) {
      reader.once(pointer ->
          disky_h.disky_reader_supply(
              pointer, position, bytes, size, size > 0 ? 0 : 1, reader.error()));
    }
    return size;
  }

  private MemorySegment read(long position, long most) throws IOException {
    try {
      MemorySegment bytes = source.read(position, most);
      PendingFault.raise();
      return bytes;
    } catch (InternalError e) {
      throw MemoryFault.of("memory to read from", e);
    }
  }

  /**
   * Supplies the bytes of the first chunks of {@code pick}.
   *
   * @return the number of chunks whose bytes were supplied, at least 1
   * @throws EngineException if the bytes of the first chunk cannot be read
   */
  int supplyChunks(ChunkPick pick) throws EngineException {
    int most = (int) Math.min(pick.chunks(), MOST_PICKED);
    long bytes = 0;
    int chunk = 0;
    try {
      while (chunk < most && bytes < MOST_PICKED_BYTES) {
        bytes += supplyChunk(pick.begin(chunk), pick.end(chunk));
        chunk++;
      }
    } catch (IOException e) {
      if (chunk == 0) {
        throw EngineException.of(e);
      }
      // The next call begins with this chunk, and has the failure if it still exists.
    }
    return chunk;
  }

  /** Returns the number of bytes; fewer than the chunk has if the source ends in the chunk. */
  private long supplyChunk(long begin, long end) throws IOException, EngineException {
    long position = begin;
    while (position < end) {
      long size = supply(position, end - position, false);
      if (size == 0) {
        break;
      }
      position += size;
    }
    return position - begin;
  }

  /** Another source of the same bytes. */
  ByteSource share() {
    return Objects.requireNonNull(source.share(), "the source cannot be shared");
  }
}
