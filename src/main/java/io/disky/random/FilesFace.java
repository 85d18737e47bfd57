package io.disky.random;

/**
 * A public type that reads files by number. Other public types reach its files by {@link
 * IndexedFiles#of}; users cannot, because they cannot use this package.
 */
public abstract class FilesFace {
  final IndexedFiles indexed;

  protected FilesFace(IndexedFiles files) {
    this.indexed = files;
  }
}
