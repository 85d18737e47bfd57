package io.disky.spark.write;

import java.io.Serializable;
import java.util.Locale;
import java.util.UUID;

/**
 * Names that no other query uses, for file systems that cannot say whether a name is taken: the
 * prefix, an underscore, and digits for the time at which the query began, the query, the task and
 * the file. Later queries have higher numbers. They are longer than those of {@link ShardNumbers},
 * hence higher, too.
 */
final class UniqueNames implements Serializable {
  private static final long serialVersionUID = 1;
  private static final long QUERIES = 1_000_000;

  private final String beginning;

  /**
   * @param began when the query began, in milliseconds since 1970
   */
  UniqueNames(String prefix, String queryId, long began) {
    long query =
        Math.floorMod(
            UUID.nameUUIDFromBytes(queryId.getBytes(java.nio.charset.StandardCharsets.UTF_8))
                .getMostSignificantBits(),
            QUERIES);
    this.beginning = String.format(Locale.ROOT, "%s_%d%06d", prefix, began, query);
  }

  /** The name of file {@code sequence} of task {@code partitionId}. */
  String name(int partitionId, int sequence) {
    return String.format(Locale.ROOT, "%s%06d%06d", beginning, partitionId, sequence);
  }
}
