package io.disky.loader;

/** Takes reports about the progress of a {@link RecordShuffle}. */
@FunctionalInterface
public interface ShuffleListener {
  /**
   * Takes a report. The thread that called the shuffle calls this method after about each MiB of
   * records that it has read or written. If this method throws, the shuffle ends and throws the
   * same exception.
   *
   * @param done bytes of records, before compression, that were read or written
   * @param total the value of {@code done} at the end: twice {@link RecordShuffle#recordBytes()}
   */
  void progressed(long done, long total);
}
