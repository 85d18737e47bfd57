package io.disky.loader;

/**
 * Describes the record that a {@link RecordFilter} or a {@link RecordMapper} gets, and has a seed
 * for random numbers that belong to it. Valid during the call of the filter or mapper only.
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
   * the position only: it is the same with any number of workers and ranks, and after a resume. All
   * filters and mappers of a record get the same seed.
   */
  long seed();
}
