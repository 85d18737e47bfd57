package io.disky.spark.files;

/** Names of columns in Spark's expressions. */
public final class ColumnNames {
  private ColumnNames() {}

  /** The name with quotes, so that a dot in it does not mean a field of a structure. */
  public static String quoted(String name) {
    return "`" + name.replace("`", "``") + "`";
  }
}
