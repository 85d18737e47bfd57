package io.disky.spark.read;

import io.disky.CorruptionStrategy;
import io.disky.ReaderOptions;
import io.disky.SkippedRegion;
import io.disky.spark.files.OptionReader;
import java.io.Serializable;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.spark.sql.RuntimeConfig;

/**
 * How tasks read files.
 *
 * @param recover whether damage is skipped
 * @param ignoreMissing whether files that have vanished since they were listed are skipped
 * @param maxChunkSize as {@link ReaderOptions#maxChunkSize()}
 * @param maxRecordSize as {@link ReaderOptions#maxRecordSize()}
 * @param maxRecordsPerChunk as {@link ReaderOptions#maxRecordsPerChunk()}
 */
record ReadOptions(
    boolean recover,
    boolean ignoreMissing,
    long maxChunkSize,
    long maxRecordSize,
    long maxRecordsPerChunk)
    implements Serializable {
  private static final String STRATEGY = "corruptionStrategy";
  private static final String IGNORE_CORRUPT = "ignoreCorruptFiles";

  /**
   * The options of a query; if it does not set them, {@code ignoreCorruptFiles} and {@code
   * ignoreMissingFiles} are Spark's settings {@code spark.sql.files.ignoreCorruptFiles} and {@code
   * spark.sql.files.ignoreMissingFiles}.
   */
  static ReadOptions of(OptionReader options, RuntimeConfig session) {
    ReaderOptions defaults = ReaderOptions.defaults();
    return new ReadOptions(
        recover(options, session),
        options.flag("ignoreMissingFiles", isSet(session, "spark.sql.files.ignoreMissingFiles")),
        options.bytes("maxChunkSize", defaults.maxChunkSize()),
        options.bytes("maxRecordSize", defaults.maxRecordSize()),
        options.number("maxRecordsPerChunk", defaults.maxRecordsPerChunk(), 1, Long.MAX_VALUE));
  }

  private static boolean recover(OptionReader options, RuntimeConfig session) {
    boolean ignored =
        options.flag(IGNORE_CORRUPT, isSet(session, "spark.sql.files.ignoreCorruptFiles"));
    boolean recover =
        options.oneOf(
            STRATEGY, ignored, Map.of("error", false, "recover", true), "error or recover");
    if (options.text(IGNORE_CORRUPT) != null && recover != ignored) {
      throw new IllegalArgumentException(
          "disky: option "
              + IGNORE_CORRUPT
              + " = "
              + ignored
              + " contradicts option "
              + STRATEGY
              + " = "
              + options.text(STRATEGY)
              + "; set one of them");
    }
    return recover;
  }

  private static boolean isSet(RuntimeConfig session, String key) {
    return Boolean.parseBoolean(session.get(key, "false"));
  }

  /** The options for a reader of a range of a file. */
  ReaderOptions forReader(FileSplit split, Consumer<SkippedRegion> skipped) {
    return ReaderOptions.defaults()
        .withCorruptionStrategy(recover ? CorruptionStrategy.RECOVER : CorruptionStrategy.ERROR)
        .withSkippedRegionListener(skipped)
        .withMaxChunkSize(maxChunkSize)
        .withMaxRecordSize(maxRecordSize)
        .withMaxRecordsPerChunk(maxRecordsPerChunk)
        .withRange(split.begin(), split.end());
  }
}
