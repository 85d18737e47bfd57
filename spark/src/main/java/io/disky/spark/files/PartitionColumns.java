package io.disky.spark.files;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * The columns whose values are the names of directories, from the outermost directory to the
 * innermost: {@code date=2026-01-31/hour=7}. Immutable.
 */
public final class PartitionColumns implements Serializable {
  /** The option that names the columns. */
  public static final String OPTION = "partitionColumns";

  private static final long serialVersionUID = 1;

  private static final PartitionColumns NONE = new PartitionColumns(new StructType());

  private final StructType schema;

  private PartitionColumns(StructType schema) {
    this.schema = schema;
  }

  /** No columns. */
  public static PartitionColumns none() {
    return NONE;
  }

  /**
   * The columns that the option {@code partitionColumns} names; none without the option. It has
   * names, {@code date,hour}, whose columns are strings, or names and types, {@code date DATE, hour
   * INT}.
   *
   * @throws IllegalArgumentException if the option cannot be parsed, names a column twice, or has a
   *     type that directories cannot hold
   */
  public static PartitionColumns of(CaseInsensitiveStringMap options) {
    String option = options.get(OPTION);
    return option == null || option.isBlank() ? NONE : parse(option);
  }

  private static PartitionColumns parse(String option) {
    List<String> parts = Arrays.stream(option.split(",", -1)).map(String::strip).toList();
    boolean onlyNames = parts.stream().allMatch(part -> part.matches("[\\p{L}\\p{N}_.-]+"));
    try {
      return of(onlyNames ? strings(parts) : StructType.fromDDL(option));
    } catch (Exception e) { // Spark throws exceptions that it does not declare.
      throw new IllegalArgumentException(
          "disky: option "
              + OPTION
              + " = "
              + option
              + ": expected names, as date,hour, or names and types, as date DATE, hour INT: "
              + e.getMessage(),
          e);
    }
  }

  private static StructType strings(List<String> names) {
    StructType schema = new StructType();
    for (String name : names) {
      schema = schema.add(name, DataTypes.StringType);
    }
    return schema;
  }

  /**
   * These columns, in this order.
   *
   * @throws IllegalArgumentException if two have the same name (case does not matter), one has the
   *     name of the records' column, or a type that directories cannot hold
   */
  public static PartitionColumns of(StructType schema) {
    Set<String> names = new HashSet<>();
    List<StructField> fields = new ArrayList<>();
    for (StructField field : schema.fields()) {
      String name = field.name();
      if (name.isEmpty() || name.equalsIgnoreCase(RecordSchema.RECORD)) {
        throw new IllegalArgumentException("a partition column cannot be called '" + name + "'");
      }
      if (!names.add(name.toLowerCase(Locale.ROOT))) {
        throw new IllegalArgumentException("two partition columns are called " + name);
      }
      PartitionValue.check(field);
      // A directory can always state that there is no value.
      fields.add(DataTypes.createStructField(name, field.dataType(), true));
    }
    return new PartitionColumns(DataTypes.createStructType(fields));
  }

  /**
   * The columns of {@code schema} that directories state: those that the option names, with the
   * types of the schema; without the option, all but that of the records. A schema that {@link
   * RecordSchema#check} refuses has none.
   */
  public static PartitionColumns of(CaseInsensitiveStringMap options, StructType schema) {
    PartitionColumns named = of(options);
    try {
      return named.isEmpty() ? of(RecordSchema.others(schema)) : named.withTypes(schema);
    } catch (IllegalArgumentException e) {
      return NONE;
    }
  }

  private PartitionColumns withTypes(StructType schema) {
    List<StructField> typed = new ArrayList<>();
    for (StructField field : fields()) {
      typed.add(
          Arrays.stream(schema.fields())
              .filter(column -> column.name().equalsIgnoreCase(field.name()))
              .findFirst()
              .orElse(field));
    }
    return of(DataTypes.createStructType(typed));
  }

  /** The columns, all of which may be null. */
  public StructType schema() {
    return schema;
  }

  /** The columns, from the outermost directory to the innermost. */
  public List<StructField> fields() {
    return Collections.unmodifiableList(Arrays.asList(schema.fields()));
  }

  /** The number of columns. */
  public int count() {
    return schema.length();
  }

  /** Whether there are no columns. */
  public boolean isEmpty() {
    return count() == 0;
  }

  /**
   * The index of the column called {@code name}, or -1. Case matters only if two columns differed
   * in nothing else, which {@link #of(StructType)} does not allow.
   */
  public int indexOf(String name) {
    List<StructField> fields = fields();
    for (int i = 0; i < fields.size(); i++) {
      if (fields.get(i).name().equalsIgnoreCase(name)) {
        return i;
      }
    }
    return -1;
  }

  @Override
  public String toString() {
    return schema.toDDL();
  }
}
