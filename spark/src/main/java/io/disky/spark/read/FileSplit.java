package io.disky.spark.read;

import io.disky.spark.files.PartitionKey;
import java.io.Serializable;

/**
 * The part of a file that a task reads: the chunks that begin in a range of bytes.
 *
 * @param path the path of the file, with the scheme of its file system
 * @param local whether the file is opened without Hadoop
 * @param fileSize the size of the file in bytes
 * @param modified the time of its last change in milliseconds since 1970-01-01 UTC
 * @param begin the beginning of the range in bytes
 * @param end the end of the range in bytes
 * @param partition the values of the partition columns
 */
record FileSplit(
    String path,
    boolean local,
    long fileSize,
    long modified,
    long begin,
    long end,
    PartitionKey partition)
    implements Serializable {
  /** The size of the range in bytes. */
  long size() {
    return end - begin;
  }

  @Override
  public String toString() {
    return path + " from byte " + begin + " to byte " + end;
  }
}
