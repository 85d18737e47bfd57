package io.disky;

/**
 * How the chunks of a file are organised. A reader detects the container; only a writer has to
 * choose.
 */
public enum Container {
  /** A plain sequence of chunks, as upstream disky and Google's Riegeli/records have it. */
  RECORDS,
  /**
   * Google's ArrayRecord: a {@link Dialect#RIEGELI} file with an index of its chunks at the end, so
   * that readers such as Grain's find a record by its number.
   */
  ARRAY_RECORD
}
