package io.disky.spark.read.metrics;

/**
 * How many bytes of files were read; of local files, the size of the parts that were read, and 0
 * for counts.
 */
public final class FileBytesRead extends ByteSum {
  /** The name by which tasks report it. */
  public static final String NAME = "fileBytesRead";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String description() {
    return "bytes of files that were read";
  }
}
