package io.disky.spark.read.metrics;

/** How many bytes of files were skipped because they are damaged. */
public final class SkippedBytes extends ByteSum {
  /** The name by which tasks report it. */
  public static final String NAME = "skippedBytes";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String description() {
    return "bytes of damaged regions that were skipped";
  }
}
