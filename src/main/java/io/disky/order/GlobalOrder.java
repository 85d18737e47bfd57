package io.disky.order;

import java.util.Objects;

/** A permutation of all records of the source. */
final class GlobalOrder implements PassOrder {
  private final ChunkLayout layout;
  private final KeyedPermutation permutation;

  GlobalOrder(ChunkLayout layout, OrderKey key) {
    this.layout = layout;
    this.permutation = KeyedPermutation.of(key.with("global"), layout.records());
  }

  @Override
  public long length() {
    return permutation.size();
  }

  @Override
  public void records(long position, long[] into, int at, int count) {
    Objects.checkFromIndexSize(position, count, length());
    for (int i = 0; i < count; i++) {
      into[at + i] = permutation.at(position + i);
    }
  }

  @Override
  public long positionOf(long record) {
    return permutation.indexOf(record);
  }

  @Override
  public boolean sharesChunks() {
    return false;
  }

  @Override
  public boolean isDone(long chunk, long position) {
    long end = layout.firstRecord(chunk + 1);
    for (long record = layout.firstRecord(chunk); record < end; record++) {
      if (permutation.indexOf(record) >= position) {
        return false;
      }
    }
    return true;
  }
}
