package io.disky.spark.write;

import io.disky.spark.files.FileOptions;
import io.disky.spark.files.PartitionColumns;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.connector.write.LogicalWriteInfo;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/** What a query writes, where and how: checked, before anything is touched. Immutable. */
final class WritePlan {
  private final CaseInsensitiveStringMap options;
  private final String queryId;
  private final String path;
  private final boolean overwrite;
  private final ShardOptions shards;
  private final FrameColumns columns;

  /**
   * @param partitionBy the columns that the user named with {@code DataFrameWriter.partitionBy};
   *     may be empty
   * @param overwrite whether the record files that exist are removed
   * @throws IllegalArgumentException if the data frame or an option does not fit; the message says
   *     what to change
   */
  WritePlan(LogicalWriteInfo info, Transform[] partitionBy, boolean overwrite) {
    this.options = info.options();
    this.queryId = info.queryId();
    this.path = path(options);
    this.overwrite = overwrite;
    this.shards = new ShardOptions(options);
    this.columns = FrameColumns.in(info.schema(), partitionNames(options, partitionBy));
    if (overwrite && shards.failIfExists()) {
      throw new IllegalArgumentException(
          "disky: mode overwrite replaces files, and the option "
              + ShardOptions.FAIL_IF_EXISTS
              + " = true forbids that: choose mode append, or remove the option");
    }
  }

  /** The option and the method {@code partitionBy} mean the same. */
  private static List<String> partitionNames(
      CaseInsensitiveStringMap options, Transform[] partitionBy) {
    List<String> byOption =
        PartitionColumns.of(options).fields().stream().map(StructField::name).toList();
    List<String> byMethod = Arrays.stream(partitionBy).map(WritePlan::column).toList();
    if (!byOption.isEmpty() && !byMethod.isEmpty() && !byOption.equals(byMethod)) {
      throw new IllegalArgumentException(
          "disky: partitionBy states the columns "
              + byMethod
              + ", and the option "
              + PartitionColumns.OPTION
              + " the columns "
              + byOption
              + ": remove one of them");
    }
    return byMethod.isEmpty() ? byOption : byMethod;
  }

  private static String column(Transform transform) {
    if (!transform.name().equals("identity")) {
      throw new IllegalArgumentException(
          "disky: the directories of record files are named after values of columns; "
              + transform
              + " is not supported");
    }
    return String.join(".", transform.references()[0].fieldNames());
  }

  private static String path(CaseInsensitiveStringMap options) {
    List<String> paths = FileOptions.paths(options);
    if (paths.size() != 1) {
      throw new IllegalArgumentException(
          "disky: a query writes to one directory, but paths = " + paths);
    }
    return paths.getFirst();
  }

  CaseInsensitiveStringMap options() {
    return options;
  }

  /** An identifier that no other query has. */
  String queryId() {
    return queryId;
  }

  String path() {
    return path;
  }

  boolean isOverwrite() {
    return overwrite;
  }

  ShardOptions shards() {
    return shards;
  }

  FrameColumns columns() {
    return columns;
  }

  @Override
  public String toString() {
    return "disky " + path;
  }
}
