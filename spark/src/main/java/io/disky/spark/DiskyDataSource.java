package io.disky.spark;

import io.disky.spark.requirements.Requirements;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableProvider;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.sources.DataSourceRegister;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * The data source {@code disky}: {@code spark.read().format("disky").load(path)}.
 *
 * <p>Spark loads this class when it looks up any data source. So this class and {@link
 * Requirements} are compiled for the oldest JDK that runs Spark: there the other sources work, and
 * this one throws an exception that names the versions it needs. Neither class may refer to other
 * classes of the data source, except by name.
 */
public final class DiskyDataSource implements TableProvider, DataSourceRegister {
  private static final String PROVIDER = "io.disky.spark.RecordTableProvider";

  @Override
  public String shortName() {
    return "disky";
  }

  /**
   * {@inheritDoc}
   *
   * @throws UnsupportedOperationException if Java or Spark are too old
   */
  @Override
  public StructType inferSchema(CaseInsensitiveStringMap options) {
    return provider().inferSchema(options);
  }

  /**
   * {@inheritDoc}
   *
   * @throws UnsupportedOperationException if Java or Spark are too old
   */
  @Override
  public Table getTable(
      StructType schema, Transform[] partitioning, Map<String, String> properties) {
    return provider().getTable(schema, partitioning, properties);
  }

  @Override
  public boolean supportsExternalMetadata() {
    return true;
  }

  private static TableProvider provider() {
    Requirements.check(SparkSession.active().version());
    try {
      ClassLoader loader = DiskyDataSource.class.getClassLoader();
      return (TableProvider)
          Class.forName(PROVIDER, true, loader).getDeclaredConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("disky: the jar of the data source is not complete", e);
    }
  }
}
