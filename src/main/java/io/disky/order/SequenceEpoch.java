package io.disky.order;

import java.util.Objects;
import java.util.OptionalLong;

/** The order of an epoch over one source, or over sources one after the other. */
final class SequenceEpoch implements SpecifiedEpoch {
  private final ConcatenatedLayout layout;
  private final long length;
  private final SourceStream stream;
  private long reached;

  SequenceEpoch(ConcatenatedLayout layout, SourceStream stream, long length) {
    this.layout = layout;
    this.stream = stream;
    this.length = length;
  }

  /** Goes to the position of a checkpoint. */
  void restore(long position, long[] checkpoint) {
    stream.restore(position, checkpoint);
    reached = position;
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public void fill(long position, int count, Picks into) {
    OrderSpec.requirePositions(position, count, length);
    into.prepare(position, count);
    if (count == 0) {
      return;
    }
    stream.records(position, into.records(), 0, count);
    reached = position + count;
    if (layout.sources() > 1) {
      name(into);
    }
  }

  /** Replaces the numbers of records in the sequence by sources and numbers in the sources. */
  private void name(Picks picks) {
    long begin = 0;
    long end = 0;
    int source = 0;
    for (int i = 0; i < picks.count(); i++) {
      long record = picks.record(i);
      if (record < begin || record >= end) {
        source = layout.sourceOf(record);
        begin = layout.firstRecordOf(source);
        end = layout.firstRecordOf(source + 1);
      }
      picks.set(i, source, record - begin);
    }
  }

  @Override
  public boolean sharesChunks(int source) {
    return stream.sharesChunks();
  }

  @Override
  public boolean isDone(int source, long chunk) {
    return stream.isDone(layout.firstChunkOf(source) + chunk, reached);
  }

  @Override
  public long[] checkpoint(long position) {
    return stream.checkpoint(position);
  }

  /**
   * The position of a record in the first pass.
   *
   * @return empty if the first pass does not have the record
   */
  OptionalLong positionOf(int source, long number) {
    long first = layout.firstRecordOf(Objects.checkIndex(source, layout.sources()));
    long position =
        stream.positionOf(
            first + Objects.checkIndex(number, layout.firstRecordOf(source + 1) - first));
    return position < 0 ? OptionalLong.empty() : OptionalLong.of(position);
  }

  @Override
  public int activeSources(long position) {
    int sources = 0;
    for (double share : shares(position)) {
      sources += share > 0 ? 1 : 0;
    }
    return sources;
  }

  /** The shares of the records of all sources, which are one sequence. */
  @Override
  public double[] shares(long position) {
    double[] shares = new double[layout.sources()];
    for (int i = 0; i < shares.length && position < length; i++) {
      long records = layout.firstRecordOf(i + 1) - layout.firstRecordOf(i);
      shares[i] = (double) records / layout.records();
    }
    return shares;
  }
}
