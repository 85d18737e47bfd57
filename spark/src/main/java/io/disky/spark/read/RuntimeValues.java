package io.disky.spark.read;

import io.disky.spark.files.PartitionColumns;
import io.disky.spark.files.PartitionKey;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.connector.expressions.Expression;
import org.apache.spark.sql.connector.expressions.Literal;
import org.apache.spark.sql.connector.expressions.NamedReference;
import org.apache.spark.sql.connector.expressions.filter.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The values of a partition column that a join needs, which Spark finds while the query runs.
 *
 * @param column the index of the column
 * @param values as Spark holds them in rows
 * @param predicate what Spark has stated
 */
record RuntimeValues(int column, Set<Object> values, Predicate predicate) {
  /** The values that {@code predicate} lists; {@code null} if it is of another kind. */
  static @Nullable RuntimeValues of(Predicate predicate, PartitionColumns columns) {
    Expression[] parts = predicate.children();
    boolean isList =
        predicate.name().equals("IN")
            && parts.length > 0
            && parts[0] instanceof NamedReference reference
            && reference.fieldNames().length == 1;
    int column = isList ? columns.indexOf(((NamedReference) parts[0]).fieldNames()[0]) : -1;
    if (column < 0) {
      return null;
    }
    List<Object> values = new ArrayList<>();
    for (int i = 1; i < parts.length; i++) {
      if (!(parts[i] instanceof Literal<?> literal)
          || !literal.dataType().equals(columns.fields().get(column).dataType())) {
        return null;
      }
      if (literal.value() != null) { // Nothing equals null.
        values.add(literal.value());
      }
    }
    return new RuntimeValues(column, new HashSet<>(values), predicate);
  }

  /** Whether a file with this key can have a needed record. */
  boolean need(PartitionKey key) {
    Object value = key.value(column);
    return value != null && values.contains(value);
  }
}
