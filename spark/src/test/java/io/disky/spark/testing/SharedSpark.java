package io.disky.spark.testing;

import org.apache.spark.sql.SparkSession;

/** The session that all tests of a JVM share, because a second one cannot have other settings. */
public final class SharedSpark {
  /** How often Spark tries a task before it gives up. */
  public static final int ATTEMPTS = 4;

  private static final String LOCAL = "127.0.0.1";

  private SharedSpark() {}

  /** Two cores of this JVM; no network but the machine's own. */
  public static SparkSession session() {
    return SparkSession.builder()
        .master("local[2," + ATTEMPTS + "]")
        .appName("disky")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", LOCAL)
        .config("spark.driver.bindAddress", LOCAL)
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.warehouse.dir", "target/warehouse")
        .getOrCreate();
  }
}
