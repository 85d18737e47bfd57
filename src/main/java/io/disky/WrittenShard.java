package io.disky;

import io.disky.files.QuotedText;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A shard of a {@link MultiThreadedWriter}.
 *
 * @param number the number of the shard
 * @param name the name of the shard in messages, not quoted
 * @param path the path of the shard, if it is a file
 * @param recordCount number of records that were written to the shard so far
 * @param recordBytes size of these records before compression, in bytes
 * @param finished whether the shard is closed and complete
 */
public record WrittenShard(
    long number,
    String name,
    Optional<Path> path,
    long recordCount,
    long recordBytes,
    boolean finished) {

  @Override
  public String toString() {
    return "WrittenShard[number="
        + number
        + ", name="
        + QuotedText.name(name)
        + ", records="
        + recordCount
        + ", recordBytes="
        + recordBytes
        + ", finished="
        + finished
        + "]";
  }
}
