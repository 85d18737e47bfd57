package io.disky.spark.files;

import java.io.Serializable;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import org.apache.spark.util.SerializableConfiguration;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The Hadoop configuration of a query, which the driver makes and each executor fetches once.
 * Serializable; a Hadoop {@link Configuration} is not.
 */
public final class HadoopSettings implements Serializable {
  private static final long serialVersionUID = 1;
  private static final String HADOOP_PREFIX = "spark.hadoop.";

  private final Broadcast<SerializableConfiguration> shared;

  private HadoopSettings(Broadcast<SerializableConfiguration> shared) {
    this.shared = shared;
  }

  /**
   * The configuration that applies to a query, on the driver: that of the application, then the
   * settings of {@code session}, then the query's {@code options}. So {@code
   * option("fs.s3a.endpoint", …)} applies to one query.
   */
  public static Configuration onDriver(SparkSession session, CaseInsensitiveStringMap options) {
    Configuration configuration = new Configuration(session.sparkContext().hadoopConfiguration());
    CollectionConverters.asJava(session.conf().getAll())
        .forEach((key, value) -> set(configuration, withoutPrefix(key), value));
    for (Map.Entry<String, String> option : options.asCaseSensitiveMap().entrySet()) {
      if (!FileOptions.isPath(option.getKey())) {
        set(configuration, option.getKey(), option.getValue());
      }
    }
    return configuration;
  }

  private static String withoutPrefix(String key) {
    return key.startsWith(HADOOP_PREFIX) ? key.substring(HADOOP_PREFIX.length()) : key;
  }

  private static void set(Configuration configuration, String key, String value) {
    // A Configuration accepts neither, and needs neither.
    if (!key.isBlank() && value != null) {
      configuration.set(key, value);
    }
  }

  /** Makes {@code configuration} available to the tasks of {@code session}. */
  public static HadoopSettings share(SparkSession session, Configuration configuration) {
    return new HadoopSettings(
        SerializableConfiguration.broadcast(session.sparkContext(), configuration));
  }

  /** The configuration, in a task. Nobody may change it: the executor's other tasks share it. */
  public Configuration inTask() {
    return shared.value().value();
  }
}
