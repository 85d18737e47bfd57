package io.disky.order;

/** What happens in a mix when a source has no records left. */
public enum Exhaustion {
  /** The other sources go on without it; the epoch ends when none has records left. */
  DROP_OUT,
  /** The epoch ends before the first position that would need a record of the source. */
  STOP,
  /** The source begins again; the epoch has no end. */
  REPEAT,
  /** The source begins again; the epoch ends when each source has delivered its stream once. */
  REPEAT_UNTIL_ALL_SEEN
}
