package io.disky.cli;

import io.disky.Dialect;
import io.disky.FileDescription;
import java.util.Locale;
import java.util.StringJoiner;

/** Numbers and names in a report, for people. */
final class ReportText {
  private ReportText() {}

  static String number(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  static String ratio(double ratio) {
    return String.format(Locale.ROOT, "%.2f", ratio);
  }

  /** A number of bytes, for large numbers also in a unit. */
  static String bytes(long bytes) {
    String exact = count(bytes, "byte");
    return bytes < 10_000 ? exact : exact + " (" + SizesText.rounded((double) bytes) + ")";
  }

  /** A number of things. */
  static String count(long number, String thing) {
    return number(number) + " " + thing + (number == 1 ? "" : "s");
  }

  /** The dialects of the chunks; a hyphen if no chunk is compressed. */
  static String dialects(FileDescription file) {
    StringJoiner names = new StringJoiner(", ").setEmptyValue("-");
    for (Dialect dialect : file.dialects()) {
      names.add(ConstantConverter.name(dialect));
    }
    return names.toString();
  }
}
