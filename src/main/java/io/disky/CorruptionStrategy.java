package io.disky;

/** What a reader does about damage. */
public enum CorruptionStrategy {
  /**
   * Stops at the first damage with a {@link CorruptFileException}; the records before it were
   * delivered. The default.
   */
  ERROR,
  /** Skips what is damaged and goes on. Not supported by this version: asking for it is refused. */
  RECOVER
}
