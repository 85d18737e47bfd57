package io.disky.collation;

/** What consumers of Arrow structures have not released. */
public final class ArrowExports {
  private ArrowExports() {}

  /** Number of exports that still take memory, after a look at what was released. */
  public static int existing() {
    ArrowExport.endReleased();
    return ArrowExport.existing();
  }
}
