package io.disky;

/**
 * What a {@link RandomAccessReader} does with an index that was saved beside a file. An index is
 * used only if it was made of the very file: size, time of the last change and last chunk are
 * compared. Any other one, and a damaged one, is ignored, which the logger {@code io.disky}
 * reports.
 */
public enum SavedIndex {
  /** Does not look for one. */
  IGNORE,
  /** Uses one that is there. */
  LOAD,
  /**
   * Uses one that is there, and saves one where there is none that can be used and the chunk
   * headers had to be walked. A failure to save it is logged only.
   */
  LOAD_OR_SAVE
}
