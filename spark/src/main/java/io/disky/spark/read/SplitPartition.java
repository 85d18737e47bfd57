package io.disky.spark.read;

import java.util.List;
import org.apache.spark.sql.connector.read.InputPartition;

/** What a task reads: parts of one or more files. */
final class SplitPartition implements InputPartition {
  private static final long serialVersionUID = 1;

  private final FileSplit[] splits;
  private final String[] hosts;

  /**
   * @param hosts on which most of the bytes are, best first
   */
  SplitPartition(List<FileSplit> splits, List<String> hosts) {
    this.splits = splits.toArray(FileSplit[]::new);
    this.hosts = hosts.toArray(String[]::new);
  }

  List<FileSplit> splits() {
    return List.of(splits);
  }

  @Override
  public String[] preferredLocations() {
    return hosts.clone();
  }
}
