package io.disky.order;

/** An {@link ExactSchedule} with a table of all turns of a period, so that seeking is fast. */
final class TabledSchedule extends ExactSchedule {
  /** Longer periods have no table. */
  static final int LARGEST_PERIOD = 1 << 18;

  /** The counts are in the table once for so many turns; a power of two. */
  private static final int STRIDE = 64;

  private final byte[] turns;
  private final int[] countsBefore;
  private long position;
  private int inPeriod;

  TabledSchedule(SteppedSchedule stepped) {
    super(stepped.weights);
    stepped.seek(0);
    int sources = weights.length;
    turns = new byte[(int) period];
    countsBefore = new int[((int) period + STRIDE - 1) / STRIDE * sources];
    for (int i = 0; i < turns.length; i++) {
      if (i % STRIDE == 0) {
        for (int source = 0; source < sources; source++) {
          countsBefore[i / STRIDE * sources + source] = (int) stepped.counts[source];
        }
      }
      turns[i] = (byte) stepped.next();
    }
  }

  @Override
  long position() {
    return position;
  }

  @Override
  void seek(long position) {
    if (position == this.position) {
      return;
    }
    this.position = position;
    inPeriod = (int) (position % period);
    long periods = position / period;
    int stride = inPeriod / STRIDE;
    for (int i = 0; i < counts.length; i++) {
      counts[i] = periods * weights[i] + countsBefore[stride * counts.length + i];
    }
    for (int i = stride * STRIDE; i < inPeriod; i++) {
      counts[turns[i] & 0xff]++;
    }
  }

  @Override
  int next() {
    int source = turns[inPeriod] & 0xff;
    position++;
    inPeriod = inPeriod + 1 == turns.length ? 0 : inPeriod + 1;
    counts[source]++;
    return source;
  }

  @Override
  void next(int[] into, int at, int count) {
    for (int i = at; i < at + count; i++) {
      into[i] = next();
    }
  }
}
