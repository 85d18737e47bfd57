package io.disky.files;

import java.util.Locale;

/** Recognises the names that are usual for ArrayRecord files. */
public final class ArrayRecordName {
  private ArrayRecordName() {}

  /**
   * Returns whether the last element of a path or address contains {@code .array_record} or {@code
   * .arrayrecord}, as in {@code train.array_record-00000-of-00010}.
   */
  public static boolean matches(String path) {
    String lower = path.toLowerCase(Locale.ROOT);
    String file = lower.substring(Math.max(lower.lastIndexOf('/'), lower.lastIndexOf('\\')) + 1);
    return file.contains(".array_record") || file.contains(".arrayrecord");
  }
}
