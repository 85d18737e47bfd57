package io.disky.loader;

import io.disky.loading.LoadingMetrics;
import java.time.Duration;
import java.util.Locale;

/**
 * What a {@link DataLoader} has done since it was opened or since its last {@link DataLoader#seek},
 * and the time that each kind of work took. Times of workers are sums over all workers. Immutable:
 * later work of the loader does not change it.
 */
public final class LoaderMetrics {
  /** What limits the number of records per second. */
  public enum Bottleneck {
    /**
     * The code that takes batches: {@link DataLoader#next()} waits for less than a third of the
     * time. A faster loader would make the program less than 1.5 times as fast.
     */
    CONSUMER("the consumer: it takes batches more slowly than the loader makes them"),

    /** Reading and decoding: more workers, faster compression or a faster disk help. */
    READING("reading and decoding"),

    /** Filters and mappers: more workers or faster code help. */
    TRANSFORM("filters and mappers"),

    /** Copying records to batches. */
    COPYING("copying records to batches");

    private final String text;

    Bottleneck(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  // A consumer that waits for less than this share of its time is the bottleneck.
  private static final double CONSUMER_SHARE = 1 / 3.0;

  private final LoadingMetrics metrics;

  LoaderMetrics(LoadingMetrics metrics) {
    this.metrics = metrics;
  }

  /** Batches that were delivered. */
  public long batches() {
    return metrics.batches();
  }

  /** Records in these batches. */
  public long records() {
    return metrics.records();
  }

  /** The size of these records in bytes. */
  public long bytes() {
    return metrics.bytes();
  }

  /** Records that were left out because they could not be read. */
  public long skippedRecords() {
    return metrics.skipped();
  }

  /** Records that filters have left out. */
  public long filteredRecords() {
    return metrics.filtered();
  }

  /** Time that {@link DataLoader#next()} has waited for batches. */
  public Duration consumerWait() {
    return Duration.ofNanos(metrics.consumerWait());
  }

  /** Time between the calls of {@link DataLoader#next()}, in which the consumer has worked. */
  public Duration consumerWork() {
    return Duration.ofNanos(metrics.consumerWork());
  }

  /**
   * The share of the consumer's time in which {@link DataLoader#next()} has waited: {@link
   * #consumerWait()} / ({@link #consumerWait()} + {@link #consumerWork()}), 0 to 1. A loader that
   * takes no time would make the program {@code 1 / (1 - waitShare())} times as fast. 0 before the
   * first batch.
   */
  public double waitShare() {
    double all = (double) metrics.consumerWait() + metrics.consumerWork();
    return all == 0 ? 0 : metrics.consumerWait() / all;
  }

  /** Time in which workers have decoded chunks that several batches share. */
  public Duration decodeTime() {
    return Duration.ofNanos(metrics.decode());
  }

  /** Time in which workers have read records of batches, in addition to {@link #decodeTime()}. */
  public Duration readTime() {
    return Duration.ofNanos(metrics.read());
  }

  /** Time in which workers have copied records to batches, if there are no filters and mappers. */
  public Duration copyTime() {
    return Duration.ofNanos(metrics.copy());
  }

  /** Time in which workers have called filters and mappers, and copied their results. */
  public Duration transformTime() {
    return Duration.ofNanos(metrics.transform());
  }

  /** The memory that decoded chunks and batches take now, in bytes, or are expected to take. */
  public long memory() {
    return metrics.memory();
  }

  /**
   * Number of batches that are being loaded, or wait for the consumer, now. With {@link
   * BatchSize#bytes} and {@link BatchSize#cost}, the number of the blocks of records from which the
   * loader makes batches.
   */
  public int batchesAhead() {
    return metrics.ahead();
  }

  /** Number of batches that the consumer has taken and not closed yet. */
  public int batchesHeld() {
    return metrics.held();
  }

  /**
   * What limits the number of records per second, estimated from these times. The first rule that
   * applies decides:
   *
   * <ol>
   *   <li>{@link Bottleneck#CONSUMER} if {@link #waitShare()} is less than a third
   *   <li>{@link Bottleneck#READING} if no kind of work took the workers longer than {@link
   *       #decodeTime()} + {@link #readTime()}
   *   <li>{@link Bottleneck#TRANSFORM} or {@link Bottleneck#COPYING}, whichever took longer; {@link
   *       Bottleneck#COPYING} if {@link #transformTime()} and {@link #copyTime()} are equal
   * </ol>
   */
  public Bottleneck bottleneck() {
    double all = (double) metrics.consumerWait() + metrics.consumerWork();
    if (metrics.consumerWait() < CONSUMER_SHARE * all) {
      return Bottleneck.CONSUMER;
    }
    long reading = metrics.decode() + metrics.read();
    if (metrics.transform() > Math.max(reading, metrics.copy())) {
      return Bottleneck.TRANSFORM;
    }
    return metrics.copy() > reading ? Bottleneck.COPYING : Bottleneck.READING;
  }

  @Override
  public String toString() {
    return "LoaderMetrics[batches="
        + batches()
        + ", records="
        + records()
        + ", bytes="
        + bytes()
        + ", consumerWait="
        + consumerWait()
        + ", consumerWork="
        + consumerWork()
        + ", decode="
        + decodeTime()
        + ", read="
        + readTime()
        + ", copy="
        + copyTime()
        + ", transform="
        + transformTime()
        + ", bottleneck="
        + bottleneck()
        + String.format(Locale.ROOT, ", waitShare=%.2f", waitShare())
        + "]";
  }
}
