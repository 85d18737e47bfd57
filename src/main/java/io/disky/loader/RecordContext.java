package io.disky.loader;

/**
 * Which record a {@link RecordFilter} or a {@link RecordMapper} sees, and random numbers that
 * belong to it. Valid during the call only.
 */
public interface RecordContext {
  /** The number of the epoch, from 0 on. */
  long epoch();

  /** The position of the record in the sequence of the epoch, from 0 on. */
  long position();

  /** The index of the source that the record is from; 0 if there is one source. */
  int source();

  /** The number of the record in its source, from 0 on. */
  long number();

  /**
   * A seed for random changes of the record. It depends on the seed of the loader, the epoch and
   * the position only: it is the same with any number of workers and ranks, and after a resume.
   */
  long seed();
}
