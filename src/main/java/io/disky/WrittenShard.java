package io.disky;

import io.disky.files.QuotedText;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A shard of a {@link MultiThreadedWriter}.
 *
 * @param number its number
 * @param name what messages call it
 * @param path where it is, if it is a file
 * @param records how many records were written to it so far
 * @param recordBytes their sizes together, in bytes, before compression
 * @param finished whether it was closed, and is complete
 */
public record WrittenShard(
    long number,
    String name,
    Optional<Path> path,
    long records,
    long recordBytes,
    boolean finished) {

  @Override
  public String toString() {
    return "WrittenShard[number="
        + number
        + ", name="
        + QuotedText.name(name)
        + ", records="
        + records
        + ", recordBytes="
        + recordBytes
        + ", finished="
        + finished
        + "]";
  }
}
