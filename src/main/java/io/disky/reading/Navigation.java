package io.disky.reading;

import io.disky.engine.NativeReader.Chunks;
import io.disky.engine.NativeReader.Extent;
import io.disky.engine.NativeReader.Nearest;
import io.disky.engine.ReaderSettings;
import io.disky.memory.DecodedChunk;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Knows and moves the position of a reader in its file. */
public final class Navigation {
  private final ReaderState state;
  private final ChunkFeed feed;
  private final RecordCursor cursor;
  private final ReaderSettings settings;
  private final long fileSize;
  private final ReadingFailures failures;

  /**
   * @param fileSize size of the file in bytes; negative if it can only be read forwards
   */
  public Navigation(
      ReaderState state,
      ChunkFeed feed,
      RecordCursor cursor,
      ReaderSettings settings,
      long fileSize,
      ReadingFailures failures) {
    this.state = state;
    this.feed = feed;
    this.cursor = cursor;
    this.settings = settings;
    this.fileSize = fileSize;
    this.failures = failures;
  }

  /**
   * Checks that the reader is idle, and can go back.
   *
   * @param operation the operation that goes back, for the message
   * @throws UnsupportedOperationException if the file can only be read forwards
   */
  public void checkGoesBack(String operation) {
    state.checkIdle();
    if (fileSize < 0) {
      throw new UnsupportedOperationException(
          state.name()
              + ": "
              + operation
              + " needs to go back, which a stream cannot; copy it to a file or to memory"
              + " first");
    }
  }

  /** The place of the record that is read next; between two chunks, the next place. */
  public RecordPlace position() {
    state.checkUsable();
    DecodedChunk current = cursor.current();
    if (current != null && cursor.isInsideChunk()) {
      return new RecordPlace(current.place().chunkBegin(), cursor.index());
    }
    DecodedChunk upcoming = cursor.upcoming() != null ? cursor.upcoming() : feed.undelivered();
    return new RecordPlace(upcoming != null ? upcoming.place().chunkBegin() : feed.position(), 0);
  }

  /** The place of the record that was handed out last. */
  public RecordPlace lastPosition() {
    state.checkUsable();
    DecodedChunk current = cursor.current();
    if (current == null || !cursor.hasHandedOut()) {
      throw new IllegalStateException(
          "no record was returned since the reader was opened or moved");
    }
    return new RecordPlace(current.place().chunkBegin(), cursor.index() - 1L);
  }

  /** Moves to the record at {@code place}. */
  public void seek(RecordPlace place) throws IOException {
    moveTo(place.chunkBegin(), 0);
    if (place.index() > 0 && cursor.hasNextChunk()) {
      DecodedChunk upcoming = Objects.requireNonNull(cursor.upcoming());
      if (upcoming.place().chunkBegin() == place.chunkBegin()) {
        cursor.nextChunk();
        cursor.moveTo((int) Math.min(place.index(), upcoming.count()));
      }
    }
  }

  /**
   * Moves to the chunk at {@code chunkBegin}.
   *
   * @param chunkEnd where the chunk ends, if the engine has reported that; else 0
   */
  private void moveTo(long chunkBegin, long chunkEnd) throws IOException {
    checkGoesBack("seeking");
    feed.moveTo(chunkBegin, chunkEnd);
    try {
      cursor.abandon();
    } finally {
      // Also if the user's native code uses a record: the engine has moved.
      feed.moved(chunkBegin);
      state.moved();
    }
  }

  /**
   * Moves to a place where the engine has found that a chunk begins, or that the file ends. If no
   * chunk begins there any more, the file was cut, and the argument of the user is not wrong.
   */
  private void moveToFound(long chunkBegin, long chunkEnd) throws IOException {
    try {
      moveTo(chunkBegin, chunkEnd);
    } catch (IllegalArgumentException e) {
      throw failures.shortened(e, chunkBegin, feed.recordsRead());
    }
  }

  /** Moves to the first record of the range. */
  public void rewind() throws IOException {
    checkGoesBack("rewinding");
    moveTo(settings.rangeBegin(), 0);
  }

  /** Moves to the record at a numeric position, or to the next one. */
  public void seekNumeric(long position) throws IOException {
    if (position < 0) {
      throw new IllegalArgumentException("the numeric position is negative: " + position);
    }
    state.checkIdle();
    Extent chunk = findChunk(position, Nearest.AT_OR_BEFORE);
    if (position >= fileSize) {
      moveTo(fileSize, 0);
    } else if (chunk == null || position >= chunk.end()) {
      // Inside damage: no chunk may begin at the position itself.
      long end = chunk == null ? 0 : chunk.end();
      moveTo(Math.max(end, Math.min(position, settings.rangeBegin())), 0);
    } else if (position - chunk.begin() >= chunk.records()) {
      // The position may be in padding, for example, which has no records.
      moveTo(position == chunk.begin() ? position : Math.min(chunk.end(), fileSize), 0);
    } else {
      seek(new RecordPlace(chunk.begin(), position - chunk.begin()));
    }
  }

  /** Moves to the first chunk that begins at {@code offset} or after it. */
  public void seekToOffset(long offset) throws IOException {
    if (offset < 0) {
      throw new IllegalArgumentException("the offset is negative: " + offset);
    }
    state.checkIdle();
    Extent chunk = findChunk(offset, Nearest.AT_OR_AFTER);
    moveTo(chunk == null ? feed.end() : chunk.begin(), 0);
  }

  /**
   * Moves back by one record; returns {@code false} if no record is before, and the reader is then
   * at the first one.
   */
  public boolean seekBack() throws IOException {
    state.checkIdle();
    RecordPlace position = position();
    if (position.index() > 0) {
      cursor.moveTo((int) position.index() - 1);
      state.moved();
      return true;
    }
    Extent before = lastChunkBefore(position.chunkBegin());
    while (before != null && !enterAtLast(before)) {
      // The file was changed meanwhile.
      before = lastChunkBefore(before.begin());
    }
    if (before == null) {
      rewind();
      return false;
    }
    return true;
  }

  /**
   * Moves to the last record of a chunk; returns {@code false} if the reader then reads another
   * chunk.
   */
  private boolean enterAtLast(Extent chunk) throws IOException {
    moveToFound(chunk.begin(), chunk.end());
    if (!cursor.hasNextChunk()) {
      return false;
    }
    DecodedChunk upcoming = Objects.requireNonNull(cursor.upcoming());
    if (upcoming.place().chunkBegin() != chunk.begin()) {
      return false;
    }
    cursor.nextChunk();
    cursor.moveTo(upcoming.count() - 1);
    return true;
  }

  /**
   * The last chunk with records in the range that begins before {@code position}; with recovery, a
   * chunk that can be read.
   */
  private @Nullable Extent lastChunkBefore(long position) throws IOException {
    Extent chunk = findChunk(position, Nearest.RECORDS_BEFORE);
    if (settings.recover()) {
      feed.takeSkippedRegions();
    }
    return chunk;
  }

  /** The first chunk that holds records of the user and begins in {@code begin..end}. */
  private @Nullable Extent firstChunkWithRecords(long begin, long end) throws IOException {
    long position = begin;
    while (position < Math.min(end, fileSize)) {
      long from = position;
      Chunks chunks = feed.ask(engine -> engine.chunks(from, end, 1));
      if (!chunks.extents().isEmpty()) {
        return chunks.extents().getFirst();
      }
      position = chunks.next();
    }
    return null;
  }

  private @Nullable Extent findChunk(long position, Nearest nearest) throws IOException {
    checkGoesBack("searching for a chunk");
    return feed.ask(engine -> engine.findChunk(position, nearest));
  }

  /**
   * Searches a sorted file, as {@code RecordReader.search} documents.
   *
   * @return whether a record equals the one to search for
   */
  public <X extends Throwable> boolean search(RecordOrder<X> order) throws IOException, X {
    checkGoesBack("searching");
    // The last chunk whose first record is before the one to search for; and the first chunk whose
    // first record is not.
    long low = -1;
    long lowEnd = settings.rangeBegin();
    long high = feed.end();
    boolean highIsEqual = false;
    // No chunk with records begins from limit on, and before high.
    long limit = high;
    while (lowEnd < limit) {
      long middle = lowEnd + (limit - lowEnd) / 2;
      Extent at = findChunk(middle, Nearest.AT_OR_AFTER);
      Extent chunk =
          at == null || at.begin() >= limit ? null : firstChunkWithRecords(at.begin(), limit);
      if (chunk == null) {
        limit = middle;
      } else {
        int compared = compareFirst(chunk, order);
        if (compared < 0) {
          low = chunk.begin();
          lowEnd = chunk.end();
        } else {
          high = chunk.begin();
          highIsEqual = compared == 0;
          limit = middle;
        }
      }
    }
    if (low >= 0) {
      boolean found = searchChunk(low, order);
      if (cursor.isInsideChunk()) {
        return found;
      }
    }
    moveToFound(high, 0);
    return highIsEqual;
  }

  private <X extends Throwable> int compareFirst(Extent chunk, RecordOrder<X> order)
      throws IOException, X {
    moveToFound(chunk.begin(), 0);
    return cursor.nextChunk() ? compareNext(order) : 1;
  }

  private <X extends Throwable> int compareNext(RecordOrder<X> order) throws X {
    String outer = state.callbacks().begin("record search");
    MemorySegment record = cursor.step();
    cursor.withhold();
    int compared;
    try {
      compared = order.compare(record);
    } finally {
      cursor.resume();
      state.callbacks().end(outer);
    }
    state.checkOpen();
    return compared;
  }

  /**
   * Searches the chunk at {@code chunkBegin}, whose first record is before the one to search for.
   * If all records of the chunk are before it, the reader is then after the chunk.
   *
   * @return whether a record equals the one to search for, and the reader is at it
   */
  private <X extends Throwable> boolean searchChunk(long chunkBegin, RecordOrder<X> order)
      throws IOException, X {
    moveToFound(chunkBegin, 0);
    if (!cursor.nextChunk()) {
      return false;
    }
    int low = 0;
    int high = Objects.requireNonNull(cursor.current()).count();
    boolean found = false;
    while (low < high) {
      int middle = (low + high) >>> 1;
      cursor.moveTo(middle);
      int compared = compareNext(order);
      if (compared < 0) {
        low = middle + 1;
      } else {
        high = middle;
        found = compared == 0;
      }
    }
    cursor.moveTo(low);
    return found;
  }
}
