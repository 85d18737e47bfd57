package io.disky.loading;

import io.disky.order.OrderKey;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a pipeline loads.
 *
 * @param workers the number of workers; 0 if the thread of the consumer does the work
 * @param memory the memory for decoded chunks and batches, in bytes
 * @param stages the filters and mappers, in order
 * @param stageKey the key from which the seeds of records are computed
 * @param mostSkipped how many damaged records are left out before loading fails
 * @param skippedShare the largest share of damaged records, 0 to 1
 * @param filteredShare the largest share of records that filters may leave out, 0 to 1
 * @param holdTimeout the longest time to wait for the memory of batches that the consumer holds
 * @param stallTimeout the longest time to wait for a batch; {@code null} for no limit
 */
public record LoadingSettings(
    int workers,
    long memory,
    List<RecordStage> stages,
    OrderKey stageKey,
    long mostSkipped,
    double skippedShare,
    double filteredShare,
    Duration holdTimeout,
    @Nullable Duration stallTimeout) {
  /** The cache that each of {@code sources} sources has for a global shuffle, in bytes. */
  public static long globalCacheSize(long memory, int sources) {
    return memory / 2 / sources;
  }

  /**
   * The memory for chunks and batches in bytes: what the caches leave, but at least a half.
   *
   * @param cacheSize the memory that the caches of all sources take, in bytes
   */
  public static long memoryWithoutCache(long memory, long cacheSize) {
    return Math.max(memory / 2, memory - cacheSize);
  }

  /** How far the pipeline loads ahead. */
  public LoadAhead ahead() {
    return new LoadAhead(workers, memory, !stages.isEmpty());
  }
}
