package io.disky.spark.files;

import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The name of a directory that states the value of a column, as Hive writes it: {@code name=value},
 * with characters that file systems or programs treat specially written as {@code %} and two
 * hexadecimal digits.
 *
 * @param column the name of the column
 * @param value the value as text; {@code null} for no value
 */
public record PartitionDirectory(String column, @Nullable String value) {
  /** The value of a directory for records without a value. */
  public static final String NO_VALUE = "__HIVE_DEFAULT_PARTITION__";

  private static final String ESCAPED = "\"#%'*/:=?\\{[]^\u007f";
  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  /**
   * The column and the value that the directory called {@code name} states; empty if the name is
   * not of this form.
   */
  public static Optional<PartitionDirectory> parse(String name) {
    int equals = name.indexOf('=');
    if (equals <= 0) {
      return Optional.empty();
    }
    String value = name.substring(equals + 1);
    return Optional.of(
        new PartitionDirectory(
            unescape(name.substring(0, equals)), value.equals(NO_VALUE) ? null : unescape(value)));
  }

  /**
   * The name of the directory. An empty text has no directory of its own: as in Hive, its records
   * are stored as records without a value, and are read as such.
   */
  public String name() {
    String text = value;
    return escape(column) + "=" + (text == null || text.isEmpty() ? NO_VALUE : escape(text));
  }

  private static String escape(String text) {
    StringBuilder escaped = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || ESCAPED.indexOf(c) >= 0) {
        escaped.append('%').append(HEX.toHexDigits((byte) c));
      } else {
        escaped.append(c);
      }
    }
    return escaped.toString();
  }

  /** A percent sign without two hexadecimal digits after it stands for itself. */
  private static String unescape(String text) {
    StringBuilder plain = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '%' && isHex(text, i + 1) && isHex(text, i + 2)) {
        plain.append((char) HexFormat.fromHexDigits(text, i + 1, i + 3));
        i += 2;
      } else {
        plain.append(c);
      }
    }
    return plain.toString();
  }

  private static boolean isHex(String text, int index) {
    return index < text.length() && HexFormat.isHexDigit(text.charAt(index));
  }
}
