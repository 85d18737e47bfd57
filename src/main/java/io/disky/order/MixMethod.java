package io.disky.order;

/** How the source of each position is chosen. */
public enum MixMethod {
  /** The sources one after the other, as one sequence of records, which is shuffled as a whole. */
  CONCATENATED,
  /** By weight; after each position, the count of each source is within 1 of its share. */
  EXACT,
  /** By weight, at random and independently at each position. */
  RANDOM
}
