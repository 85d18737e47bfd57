package io.disky.misuse;

import org.jspecify.annotations.Nullable;

/** Opens objects for a round. */
final class Subjects {
  private Subjects() {}

  /** Opens an object of a random kind; {@code null} if that fails. */
  static @Nullable Subject open(Round round) {
    int choice = round.dice().below(100);
    if (choice < 42) {
      return ReaderSubject.open(round);
    }
    if (choice < 72) {
      return WriterSubject.open(round);
    }
    if (choice < 83) {
      return RandomAccessSubject.open(round);
    }
    if (choice < 88) {
      return ShardReadingSubject.open(round);
    }
    if (choice < 93) {
      return ShardWritingSubject.open(round);
    }
    return new ValueSubject();
  }
}
