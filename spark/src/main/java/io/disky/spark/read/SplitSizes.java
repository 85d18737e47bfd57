package io.disky.spark.read;

import io.disky.spark.files.OptionReader;
import java.util.OptionalLong;
import org.apache.spark.sql.RuntimeConfig;
import org.apache.spark.sql.SparkSession;
import scala.Option;

/**
 * How Spark divides files among tasks.
 *
 * @param maxPartitionBytes the most bytes of files that a task reads
 * @param openCost the bytes that could be read in the time that it takes to open a file
 * @param minPartitions the number of tasks to aim for
 * @param maxPartitions the number of tasks to stay below, if possible
 */
record SplitSizes(
    long maxPartitionBytes, long openCost, long minPartitions, OptionalLong maxPartitions) {
  private static final String SETTINGS = "spark.sql.files.";

  /**
   * The options of a query; if it does not set them, Spark's settings {@code spark.sql.files.*}.
   */
  static SplitSizes of(OptionReader options, SparkSession session) {
    RuntimeConfig settings = session.conf();
    return new SplitSizes(
        options.bytes("maxPartitionBytes", bytes(settings, "maxPartitionBytes", "128m")),
        options.bytes("openCostInBytes", bytes(settings, "openCostInBytes", "4m")),
        options.number("minPartitionNum", minPartitions(session), 1, Integer.MAX_VALUE),
        optional(settings, SETTINGS + "maxPartitionNum"));
  }

  private static long bytes(RuntimeConfig settings, String key, String preset) {
    String value = settings.get(SETTINGS + key, preset);
    return value.matches("0+[a-zA-Z]*") ? 0 : OptionReader.parseBytes(value);
  }

  private static long minPartitions(SparkSession session) {
    RuntimeConfig settings = session.conf();
    OptionalLong set = optional(settings, SETTINGS + "minPartitionNum");
    OptionalLong leaves = optional(settings, "spark.sql.leafNodeDefaultParallelism");
    return set.orElse(leaves.orElse(session.sparkContext().defaultParallelism()));
  }

  private static OptionalLong optional(RuntimeConfig settings, String key) {
    Option<String> value = settings.getOption(key);
    return value.isEmpty() ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(value.get()));
  }

  /** The size of the ranges into which files of {@code total} bytes are divided. */
  long splitSize(long total) {
    return Math.max(1, Math.min(maxPartitionBytes, Math.max(openCost, total / minPartitions)));
  }
}
