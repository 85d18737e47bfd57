package io.disky.reading;

import io.disky.memory.ArenaMemory;
import io.disky.memory.ChunkMemory;
import io.disky.memory.ChunkPlace;
import io.disky.memory.DecodedChunk;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Decodes chunks into memory of arenas, which may be code of the user. */
public final class ArenaChunks {
  private final ReaderState state;
  private final ChunkFeed feed;
  private final RecordCursor cursor;
  private final int alignment;

  /**
   * @param alignment of the records in bytes: a power of two
   */
  public ArenaChunks(ReaderState state, ChunkFeed feed, RecordCursor cursor, int alignment) {
    this.state = state;
    this.feed = feed;
    this.cursor = cursor;
    this.alignment = alignment;
  }

  /**
   * Decodes the next chunk into memory of {@code arena}.
   *
   * @return {@code null} at the end
   * @throws io.disky.memory.MemoryFault if memory of the arena cannot be accessed any more
   */
  public @Nullable DecodedChunk next(Arena arena) throws IOException {
    // A chunk that another thread or an earlier call decoded is in other memory already. And native
    // code does not write to memory of an arena that is not the JDK's.
    boolean decodedApart = feed.decodesElsewhere() || !isOfJdk(arena);
    if (decodedApart && !cursor.hasNextChunk()) {
      return null;
    }
    DecodedChunk ahead = cursor.upcoming();
    return ahead == null ? feed.next(new Memory(arena)) : copy(ahead, arena);
  }

  /** Copies the chunk that hasNext() had to decode, to know whether there are records. */
  private DecodedChunk copy(DecodedChunk ahead, Arena arena) throws IOException {
    ChunkPlace place = ahead.place();
    MemorySegment ends = allocate(arena, (long) place.count() * Long.BYTES, Long.BYTES);
    MemorySegment data = allocate(arena, place.dataSize(), alignment);
    DecodedChunk copied = ahead.copyTo(ends, data);
    cursor.takeUpcoming();
    ahead.close();
    return copied;
  }

  /**
   * Returns whether native code may write to memory of {@code arena}. Arenas of others may give
   * memory of a mapped file: if somebody truncated that file, the process would end.
   */
  private static boolean isOfJdk(Arena arena) {
    return arena.getClass().getModule() == Object.class.getModule();
  }

  private MemorySegment allocate(Arena arena, long size, long alignment) {
    String outer = state.callbacks().begin("arena");
    MemorySegment memory;
    try {
      memory = ArenaMemory.allocate(arena, size, alignment);
    } finally {
      state.callbacks().end(outer);
    }
    state.checkOpen();
    return memory;
  }

  /** Memory of an arena for one chunk. */
  private final class Memory implements ChunkMemory {
    private final Arena arena;
    private MemorySegment ends = MemorySegment.NULL;
    private MemorySegment data = MemorySegment.NULL;

    Memory(Arena arena) {
      this.arena = arena;
    }

    @Override
    public MemorySegment ends() {
      return ends;
    }

    @Override
    public MemorySegment data() {
      return data;
    }

    @Override
    public int alignment() {
      return alignment;
    }

    @Override
    public void reserve(long records, long bytes) {
      ends = allocate(arena, Math.multiplyExact(records, Long.BYTES), Long.BYTES);
      data = allocate(arena, bytes, alignment);
    }
  }
}
