package io.disky.loader;

/** Takes reports about how far a {@link RecordShuffle} is. */
@FunctionalInterface
public interface ShuffleListener {
  /**
   * Takes a report. The thread of the shuffle calls this after about each MiB of records that it
   * has read or written. An exception ends the shuffle, which throws it.
   *
   * @param done bytes of records, before compression, that were read or written
   * @param total the value of {@code done} at the end: twice {@link RecordShuffle#recordBytes()}
   */
  void progressed(long done, long total);
}
