package io.disky.spark.requirements;

import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** The versions of Java and Spark that the data source needs. */
public final class Requirements {
  private static final int OLDEST_JAVA = 22;
  private static final int TESTED_JAVA = 25;
  private static final List<Integer> OLDEST_SPARK = List.of(4, 2);
  private static final AtomicBoolean WARNED = new AtomicBoolean();

  private Requirements() {}

  /**
   * Checks the version of Java, on the driver and in tasks.
   *
   * @throws UnsupportedOperationException if the data source cannot work with it
   */
  public static void checkJava() {
    String refused = javaProblem(Runtime.version());
    if (refused != null) {
      throw new UnsupportedOperationException(refused);
    }
    if (Runtime.version().feature() < TESTED_JAVA && !WARNED.getAndSet(true)) {
      System.getLogger("io.disky")
          .log(
              Level.WARNING,
              "disky for Spark was not tested with Java {0}; use JDK 25.0.3 or newer on the driver"
                  + " and on all executors",
              Runtime.version().toString());
    }
  }

  /**
   * Checks the versions of Java and Spark, on the driver.
   *
   * @param spark the version of Spark
   * @throws UnsupportedOperationException if the data source cannot work with them
   */
  public static void check(String spark) {
    checkJava();
    String refused = sparkProblem(spark);
    if (refused != null) {
      throw new UnsupportedOperationException(refused);
    }
  }

  /** Why the data source does not work with a version of Java; {@code null} if it does. */
  static @Nullable String javaProblem(Runtime.Version version) {
    boolean faulty =
        version.feature() == TESTED_JAVA && version.interim() == 0 && version.update() < 3;
    if (version.feature() >= OLDEST_JAVA && !faulty) {
      return null;
    }
    return "disky for Spark needs JDK 25.0.3 or newer on the driver and on all executors; this JVM ("
        + System.getProperty("java.home")
        + ") is "
        + version
        + (faulty ? ", whose garbage collector can move memory that native code uses" : "");
  }

  /** Why the data source does not work with a version of Spark; {@code null} if it does. */
  static @Nullable String sparkProblem(String version) {
    String[] parts = version.split("[^0-9]+", 3);
    int major = number(parts, 0);
    int minor = number(parts, 1);
    boolean tooOld =
        major < OLDEST_SPARK.get(0)
            || (major == OLDEST_SPARK.get(0) && minor < OLDEST_SPARK.get(1));
    return tooOld ? "disky for Spark needs Spark 4.2 or newer; this is Spark " + version : null;
  }

  private static int number(String[] parts, int index) {
    return index < parts.length && parts[index].matches("[0-9]{1,9}")
        ? Integer.parseInt(parts[index])
        : 0;
  }
}
