package io.disky.fetching;

/**
 * The same delay for all requests.
 *
 * @param delay in nanoseconds
 */
record FixedHedging(long delay) implements Hedging {
  @Override
  public long begun(int bytes) {
    return delay;
  }

  @Override
  public boolean allows() {
    return true;
  }

  @Override
  public void observed(int bytes, long nanos) {}
}
