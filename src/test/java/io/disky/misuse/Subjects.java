package io.disky.misuse;

import org.jspecify.annotations.Nullable;

/** Opens objects for a round. */
final class Subjects {
  private Subjects() {}

  /** Opens an object of a random kind; {@code null} if that fails. */
  static @Nullable Subject open(Round round) {
    int choice = round.dice().below(100);
    if (choice < 36) {
      return ReaderSubject.open(round);
    }
    if (choice < 64) {
      return WriterSubject.open(round);
    }
    if (choice < 74) {
      return RandomAccessSubject.open(round);
    }
    if (choice < 80) {
      return ShardReadingSubject.open(round);
    }
    if (choice < 86) {
      return ShardWritingSubject.open(round);
    }
    if (choice < 94) {
      return LoaderSubject.open(round);
    }
    return new ValueSubject();
  }
}
