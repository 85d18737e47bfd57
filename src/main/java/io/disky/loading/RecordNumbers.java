package io.disky.loading;

/** Checks numbers of records. */
final class RecordNumbers {
  private RecordNumbers() {}

  /**
   * Checks that the first {@code count} numbers ascend and are 0 to {@code records} - 1.
   *
   * @throws IllegalArgumentException if they do not
   */
  static void check(long[] numbers, int count, long records) {
    long before = 0;
    for (int i = 0; i < count; i++) {
      long number = numbers[i];
      if (number < before || number >= records) {
        throw new IllegalArgumentException(
            "record " + number + " after record " + before + " of " + records + " records");
      }
      before = number;
    }
  }
}
