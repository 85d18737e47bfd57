package io.disky.spark.read.metrics;

/** How many bytes the decoded records have. */
public final class DecodedBytes extends ByteSum {
  /** The name by which tasks report it. */
  public static final String NAME = "decodedBytes";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String description() {
    return "bytes of records that were decoded";
  }
}
