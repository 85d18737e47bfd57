package io.disky.spark.write;

import io.disky.Compression;
import io.disky.Container;
import io.disky.Dialect;
import io.disky.MultiThreadedWriterOptions;
import io.disky.RecordWriter;
import io.disky.WriterOptions;
import io.disky.spark.files.OptionReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Serializable;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import org.jspecify.annotations.Nullable;

/** How a query writes its files: the options of the query, checked. Immutable. */
final class ShardOptions implements Serializable {
  static final String COMPRESSION = "compression";
  static final String DIALECT = "dialect";
  static final String CONTAINER = "container";
  static final String GROUP_SIZE = "groupSize";
  static final String TRANSPOSE = "transpose";
  static final String CHUNK_SIZE = "chunkSize";
  static final String MAX_SHARD_SIZE = "maxShardSize";
  static final String PREFIX = "prefix";
  static final String FAIL_IF_EXISTS = "failIfExists";

  private static final long serialVersionUID = 1;

  private final String compression;
  private final Dialect dialect;
  private final Container container;
  private final int groupSize;
  private final boolean transpose;
  private final long chunkSize;
  private final long maxShardSize;
  private final String prefix;
  private final boolean failIfExists;

  /**
   * Reads and checks the options of a query.
   *
   * @throws IllegalArgumentException if an option has a value that is not allowed, or options
   *     cannot be combined; the message names the option, the value and the values that are allowed
   */
  ShardOptions(CaseInsensitiveStringMap options) {
    OptionReader reader = new OptionReader(options);
    compression =
        withDefault(
            reader.parsed(
                COMPRESSION,
                "none, zstd, zstd:3, brotli, brotli:6 or snappy",
                value -> Compression.parse(value).toString()),
            Compression.zstd().toString());
    container =
        reader.oneOf(
            CONTAINER,
            Container.RECORDS,
            Map.of("records", Container.RECORDS, "arrayrecord", Container.ARRAY_RECORD),
            "records or arrayRecord");
    dialect =
        reader.oneOf(
            DIALECT,
            container == Container.ARRAY_RECORD ? Dialect.RIEGELI : Dialect.DISKY,
            Map.of("disky", Dialect.DISKY, "riegeli", Dialect.RIEGELI),
            "disky or riegeli");
    groupSize = (int) reader.number(GROUP_SIZE, 1, 1, Integer.MAX_VALUE);
    transpose = reader.flag(TRANSPOSE, false);
    chunkSize =
        withDefault(
            reader.parsed(
                CHUNK_SIZE,
                "1 to " + WriterOptions.MAX_CHUNK_SIZE + " bytes, as 1048576 or 1m",
                ShardOptions::checkedChunkSize),
            WriterOptions.DEFAULT_CHUNK_SIZE);
    maxShardSize = reader.bytes(MAX_SHARD_SIZE, Long.MAX_VALUE);
    prefix =
        withDefault(
            reader.parsed(
                PREFIX,
                "a name without '/', ':' and control characters that begins with a letter or a"
                    + " digit",
                ShardOptions::checkedPrefix),
            MultiThreadedWriterOptions.DEFAULT_PREFIX);
    failIfExists = reader.flag(FAIL_IF_EXISTS, false);
    checkTogether();
  }

  private static <T> T withDefault(@Nullable T value, T preset) {
    return value == null ? preset : value;
  }

  private static long checkedChunkSize(String value) {
    long bytes = OptionReader.parseBytes(value);
    return WriterOptions.defaults().withChunkSize(bytes).chunkSize();
  }

  /** A prefix that begins with a dot or an underscore would hide the files from readers. */
  private static String checkedPrefix(String prefix) {
    boolean begins = !prefix.isEmpty() && Character.isLetterOrDigit(prefix.codePointAt(0));
    boolean allowed =
        prefix
            .chars()
            .noneMatch(c -> c == '/' || c == ':' || c == '\\' || Character.isISOControl(c));
    if (!begins || !allowed) {
      throw new IllegalArgumentException("not such a name");
    }
    return prefix;
  }

  /** The library knows which options cannot be combined; its message says what to choose. */
  private void checkTogether() {
    try {
      RecordWriter.open(OutputStream.nullOutputStream(), writerOptions()).discard();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("disky: the options " + this + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw new AssertionError("a stream that takes everything", e);
    }
  }

  /** The options for the writer of each file. */
  WriterOptions writerOptions() {
    return WriterOptions.defaults()
        .withCompression(Compression.parse(compression))
        .withContainer(container)
        .withDialect(dialect)
        .withGroupSize(groupSize)
        .withTranspose(transpose)
        .withChunkSize(chunkSize);
  }

  /** The size of the records in a chunk, in bytes. */
  long chunkSize() {
    return chunkSize;
  }

  /** The size in bytes after which a task begins the next file; {@link Long#MAX_VALUE}: never. */
  long maxShardSize() {
    return maxShardSize;
  }

  /** The part of a file's name before the underscore. */
  String prefix() {
    return prefix;
  }

  /** Whether the directory must not contain record files before. */
  boolean failIfExists() {
    return failIfExists;
  }

  @Override
  public String toString() {
    return CONTAINER
        + "="
        + (container == Container.ARRAY_RECORD ? "arrayRecord" : "records")
        + ", "
        + DIALECT
        + "="
        + dialect.toString().toLowerCase(Locale.ROOT)
        + ", "
        + COMPRESSION
        + "="
        + compression
        + ", "
        + TRANSPOSE
        + "="
        + transpose;
  }
}
