package io.disky.spark.files;

import java.io.Serializable;
import java.time.LocalDate;
import java.util.Locale;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;

/**
 * Values of partition columns: as text in the name of a directory, and as Spark holds them in rows.
 * The types are STRING, BOOLEAN, TINYINT, SMALLINT, INT, BIGINT and DATE.
 */
public final class PartitionValue {
  private PartitionValue() {}

  /**
   * Checks the type of a column.
   *
   * @throws IllegalArgumentException if directories cannot hold its values
   */
  static void check(StructField column) {
    DataType type = column.dataType();
    boolean known =
        type.equals(DataTypes.StringType)
            || type.equals(DataTypes.BooleanType)
            || type.equals(DataTypes.DateType)
            || isInteger(type);
    if (!known) {
      throw new IllegalArgumentException(
          "the partition column "
              + column.name()
              + " has the type "
              + type.sql()
              + "; use STRING, BOOLEAN, TINYINT, SMALLINT, INT, BIGINT or DATE");
    }
  }

  private static boolean isInteger(DataType type) {
    return type.equals(DataTypes.ByteType)
        || type.equals(DataTypes.ShortType)
        || type.equals(DataTypes.IntegerType)
        || type.equals(DataTypes.LongType);
  }

  /**
   * The value of {@code column} that {@code text} states, as Spark holds it in a row: {@link
   * UTF8String}, {@link Boolean}, {@link Byte}, {@link Short}, {@link Integer} (also a date, in
   * days since 1970-01-01), or {@link Long}.
   *
   * @throws IllegalArgumentException if the text is not a value of the column's type
   */
  public static @Nullable Serializable parse(StructField column, @Nullable String text) {
    if (text == null) {
      return null;
    }
    DataType type = column.dataType();
    try {
      if (type.equals(DataTypes.StringType)) {
        return UTF8String.fromString(text);
      }
      if (type.equals(DataTypes.BooleanType)) {
        return parseBoolean(text);
      }
      if (type.equals(DataTypes.DateType)) {
        return Math.toIntExact(LocalDate.parse(text).toEpochDay());
      }
      return parseInteger(type, text);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          "the directory "
              + new PartitionDirectory(column.name(), text).name()
              + " does not state a value of the type "
              + type.sql()
              + "; give the column another type in the option "
              + PartitionColumns.OPTION,
          e);
    }
  }

  private static boolean parseBoolean(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException(text);
    };
  }

  private static Serializable parseInteger(DataType type, String text) {
    if (type.equals(DataTypes.ByteType)) {
      return Byte.parseByte(text);
    }
    if (type.equals(DataTypes.ShortType)) {
      return Short.parseShort(text);
    }
    if (type.equals(DataTypes.IntegerType)) {
      return Integer.parseInt(text);
    }
    return Long.parseLong(text);
  }

  /**
   * The text for the name of a directory; the inverse of {@link #parse}.
   *
   * @param value as Spark holds it in a row of a column of {@code type}
   */
  public static @Nullable String text(DataType type, @Nullable Object value) {
    if (value == null) {
      return null;
    }
    return type.equals(DataTypes.DateType)
        ? LocalDate.ofEpochDay((Integer) value).toString()
        : value.toString();
  }
}
