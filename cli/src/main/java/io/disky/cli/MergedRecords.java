package io.disky.cli;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * The records of several sorted sequences as one sorted sequence. Equal records come in the order
 * of the sequences.
 */
final class MergedRecords implements RecordsToWrite, AutoCloseable {
  /** After records of this size the progress is reported; each record counts some bytes more. */
  private static final long REPORTED_BYTES = 1 << 20;

  private static final long RECORD_COST = 256;

  private final List<Input> inputs = new ArrayList<>();
  private final long size;

  /**
   * Merges {@code sequences}.
   *
   * @param size total size in bytes of their files
   */
  MergedRecords(List<RecordSequence> sequences, long size) {
    this.size = size;
    for (int i = 0; i < sequences.size(); i++) {
      inputs.add(new Input(i, sequences.get(i)));
    }
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void writeTo(RecordSink sink, Progress progress) throws IOException {
    PriorityQueue<Input> queue = new PriorityQueue<>(Comparator.naturalOrder());
    for (Input input : inputs) {
      if (input.advance()) {
        queue.add(input);
      }
    }
    long unreported = 0;
    for (Input input = queue.poll(); input != null; input = queue.poll()) {
      MemorySegment record = input.record();
      sink.write(record);
      unreported += RECORD_COST + record.byteSize();
      if (input.advance()) {
        queue.add(input);
      }
      if (unreported >= REPORTED_BYTES) {
        progress.stepTo(inputs.stream().mapToLong(other -> other.sequence.position()).sum());
        unreported = 0;
      }
    }
  }

  @Override
  public void close() {
    inputs.forEach(input -> input.sequence.close());
  }

  /** A sequence and its first record that was not written. */
  private static final class Input implements Comparable<Input> {
    private final int number;
    private final RecordSequence sequence;
    private @Nullable MemorySegment record;
    private byte[] earlier = new byte[0]; // a copy, because the record before is not valid any more
    private int earlierSize = -1;

    Input(int number, RecordSequence sequence) {
      this.number = number;
      this.sequence = sequence;
    }

    MemorySegment record() {
      if (record == null) {
        throw new IllegalStateException("the sequence has ended");
      }
      return record;
    }

    /** Moves to the next record; returns false if there is none. */
    boolean advance() throws IOException {
      if (record != null) {
        keep(record);
      }
      record = sequence.next();
      if (record == null) {
        return false;
      }
      if (earlierSize >= 0
          && RecordComparison.compare(
                  MemorySegment.ofArray(earlier).asSlice(0, earlierSize), record)
              > 0) {
        throw new IOException(
            sequence.place() + " is less than the record before it: the file is not sorted");
      }
      return true;
    }

    private void keep(MemorySegment last) throws IOException {
      if (last.byteSize() > Integer.MAX_VALUE - 8) {
        throw new IOException(sequence.place() + " is larger than 2 GiB");
      }
      earlierSize = (int) last.byteSize();
      if (earlier.length < earlierSize) {
        earlier = new byte[Math.max(earlierSize, (int) Math.min(2L * earlier.length, 1 << 30))];
      }
      MemorySegment.copy(last, 0, MemorySegment.ofArray(earlier), 0, earlierSize);
    }

    @Override
    public int compareTo(Input other) {
      int order = RecordComparison.compare(record(), other.record());
      return order != 0 ? order : Integer.compare(number, other.number);
    }
  }
}
