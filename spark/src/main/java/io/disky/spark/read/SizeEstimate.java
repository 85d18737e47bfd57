package io.disky.spark.read;

import java.util.OptionalLong;
import org.apache.spark.sql.connector.read.Statistics;

/** temporary */
record SizeEstimate(OptionalLong sizeInBytes, OptionalLong numRows) implements Statistics {
  static SizeEstimate of(QueryFiles files, ScanTask task) {
    long size = 0;
    for (var f : files.files()) size += f.size();
    return new SizeEstimate(OptionalLong.of(size), OptionalLong.empty());
  }
}
