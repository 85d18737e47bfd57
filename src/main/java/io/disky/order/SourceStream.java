package io.disky.order;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The passes over a source, one after the other, as one stream of records; each has an order of its
 * own. For one thread.
 */
final class SourceStream {
  /** For a larger gap between the records of a rank, the order seeks. */
  private static final long LARGEST_GAP = 1 << 20;

  private final ChunkLayout layout;
  private final ShuffleMethod method;
  private final OrderKey key;
  private final long passLength;
  private final long length;

  /** The order of a pass, and the position in it that it has reached. */
  private static final class Pass {
    final long number;
    final PassOrder order;
    long reached;

    Pass(long number, PassOrder order, long reached) {
      this.number = number;
      this.order = order;
      this.reached = reached;
    }
  }

  private @Nullable Pass current;
  private @Nullable Pass previous;

  // The pass of the last record that was returned. If the call before that ended in another pass:
  // the chunks of the records of the new pass, in ascending order.
  private long lastPass;
  private boolean hasNewPass;
  private long[] newChunks = new long[0];
  private int newChunkCount;

  // Takes records that are not needed, so that a reservoir goes on without a copy of it.
  private final long[] passedOver;

  /**
   * Begins with the first pass.
   *
   * @param key from which the keys of the passes are made
   * @param length number of records of the stream; {@link Long#MAX_VALUE} if it has no end
   */
  SourceStream(OrderSource source, ShuffleMethod method, OrderKey key, long length) {
    this.layout = source.layout();
    this.method = method;
    this.key = key;
    this.passLength = source.passLength();
    this.length = length;
    this.passedOver = new long[needsCheckpoints(method) ? 1024 : 0];
  }

  private Pass newPass(long number) {
    return new Pass(number, method.order(layout, passKey(key, number)), 0);
  }

  /** The key of a pass over the source with the key {@code source}. */
  static OrderKey passKey(OrderKey source, long number) {
    return source.with(number);
  }

  private @Nullable Pass known(long number) {
    Pass last = current;
    if (last != null && last.number == number) {
      return last;
    }
    Pass other = previous;
    return other != null && other.number == number ? other : null;
  }

  private Pass pass(long number) {
    Pass known = known(number);
    if (known != null) {
      return known;
    }
    Pass made = newPass(number);
    previous = current;
    current = made;
    return made;
  }

  /** Whether a decoded chunk is worth keeping. */
  boolean sharesChunks() {
    return passLength > 0 && pass(lastPass).order.sharesChunks();
  }

  /** The {@code count} records from index {@code from} of the stream on; at least one. */
  void records(long from, long[] into, int at, int count) {
    long number = from / passLength;
    long index = from % passLength;
    int done = 0;
    while (true) {
      Pass pass = pass(number);
      int part = (int) Math.min(count - done, passLength - index);
      passOver(pass, index);
      pass.order.records(index, into, at + done, part);
      pass.reached = index + part;
      if (done + part == count) {
        notePass(number, into, at + done, part);
        return;
      }
      done += part;
      index = 0;
      number++;
    }
  }

  /** Goes to a later position of a pass over a few records, if this is faster than a seek. */
  private void passOver(Pass pass, long index) {
    if (!needsCheckpoints(method) || index - pass.reached > LARGEST_GAP) {
      return;
    }
    while (pass.reached < index) {
      int count = (int) Math.min(passedOver.length, index - pass.reached);
      pass.order.records(pass.reached, passedOver, 0, count);
      pass.reached += count;
    }
  }

  private void notePass(long number, long[] records, int at, int count) {
    hasNewPass = number != lastPass;
    lastPass = number;
    if (!hasNewPass || !sharesChunks()) {
      return;
    }
    if (newChunks.length < count) {
      newChunks = new long[Math.max(count, 2 * newChunks.length)];
    }
    for (int i = 0; i < count; i++) {
      newChunks[i] = layout.chunkOf(records[at + i]);
    }
    newChunkCount = count;
    Arrays.sort(newChunks, 0, count);
  }

  /**
   * Whether the rest of the current pass has no record of a chunk. {@code count} is the number of
   * records of the stream up to the end of the last call of {@link #records}. A chunk that had
   * records in earlier passes only is also done.
   */
  boolean isDone(long chunk, long count) {
    if (count >= length || count % passLength == 0) {
      return true;
    }
    if (hasNewPass && Arrays.binarySearch(newChunks, 0, newChunkCount, chunk) < 0) {
      return true;
    }
    return pass(count / passLength).order.isDone(chunk, count % passLength);
  }

  /** The position of a record in the first pass; negative if the pass does not have it. */
  long positionOf(long record) {
    long position = pass(0).order.positionOf(record);
    return position < Math.min(passLength, length) ? position : -1;
  }

  /** The numbers from which the stream is restored after its first {@code count} records. */
  long[] checkpoint(long count) {
    if (passLength == 0 || count % passLength == 0 || !needsCheckpoints(method)) {
      return new long[0];
    }
    long index = count % passLength;
    long number = count / passLength;
    Pass known = known(number);
    Pass pass = known == null ? newPass(number) : known;
    passOver(pass, index);
    if (pass.reached < index) {
      pass.order.records(index - 1, passedOver, 0, 1);
      pass.reached = index;
    }
    return pass.order.checkpoint(index);
  }

  /** Goes to the state after the first {@code count} records. */
  void restore(long count, long[] checkpoint) {
    long index = passLength == 0 ? 0 : count % passLength;
    long number = passLength == 0 ? 0 : count / passLength;
    if (checkpoint.length > 0 && index > 0) {
      OrderKey passKey = key.with(number);
      current = new Pass(number, method.restore(layout, passKey, index, checkpoint), index);
      previous = null;
    } else if (checkpoint.length > 0) {
      throw new IllegalArgumentException(
          "the checkpoint has "
              + checkpoint.length
              + " numbers for a source that is at the beginning of a pass");
    }
    lastPass = index == 0 ? Math.max(0, number - 1) : number;
    hasNewPass = false;
  }

  /** Whether the orders of passes are not functions of the position alone. */
  static boolean needsCheckpoints(ShuffleMethod method) {
    return method instanceof ShuffleMethod.Reservoir;
  }
}
