package io.disky.spark.programs;

import org.apache.spark.launcher.JavaModuleOptions;

/** Prints the options of the JVM with which Spark's own scripts start it. */
public final class PrintModuleOptions {
  private PrintModuleOptions() {}

  /** Prints them. */
  public static void main(String[] arguments) {
    System.out.println(JavaModuleOptions.defaultModuleOptions());
  }
}
