package io.disky.spark.write;

import java.io.Serializable;

/**
 * A file that a task has completed, and that readers do not see yet. A plain class, because Kryo
 * cannot create records.
 */
final class WrittenFile implements Serializable {
  private static final long serialVersionUID = 1;

  private final String path;
  private final String partition;
  private final long size;

  /**
   * @param path where the task has written it
   * @param partition the names of the directories of its partition, with {@code /} between them;
   *     empty without partition columns
   * @param size its size in bytes
   */
  WrittenFile(String path, String partition, long size) {
    this.path = path;
    this.partition = partition;
    this.size = size;
  }

  String path() {
    return path;
  }

  String partition() {
    return partition;
  }

  long size() {
    return size;
  }

  /** The last part of the path. */
  String name() {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  @Override
  public String toString() {
    return path;
  }
}
