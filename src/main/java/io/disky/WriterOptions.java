package io.disky;

import java.util.Objects;

/**
 * How a {@link RecordWriter} writes. Immutable: each {@code with} method returns changed options
 * and leaves these as they are.
 */
public final class WriterOptions {
  /** The largest chunk size, in bytes: 1 GiB. */
  public static final long MAX_CHUNK_SIZE = 1L << 30;

  /** The chunk size if none is given, in bytes: 1 MiB. */
  public static final long DEFAULT_CHUNK_SIZE = 1L << 20;

  private static final WriterOptions DEFAULTS =
      new WriterOptions(OpenMode.CREATE_NEW, Compression.zstd(), Dialect.DISKY, DEFAULT_CHUNK_SIZE);

  private final OpenMode openMode;
  private final Compression compression;
  private final Dialect dialect;
  private final long chunkSize;

  private WriterOptions(
      OpenMode openMode, Compression compression, Dialect dialect, long chunkSize) {
    this.openMode = Objects.requireNonNull(openMode, "openMode");
    this.compression = Objects.requireNonNull(compression, "compression");
    this.dialect = Objects.requireNonNull(dialect, "dialect");
    this.chunkSize = chunkSize;
  }

  /** {@link OpenMode#CREATE_NEW}, zstd at level 3, {@link Dialect#DISKY}, chunks of 1 MiB. */
  public static WriterOptions defaults() {
    return DEFAULTS;
  }

  /** These options with another answer to a file that exists. */
  public WriterOptions withOpenMode(OpenMode openMode) {
    return new WriterOptions(openMode, compression, dialect, chunkSize);
  }

  /** These options with another compression. Brotli and snappy are for {@link Dialect#RIEGELI}. */
  public WriterOptions withCompression(Compression compression) {
    return new WriterOptions(openMode, compression, dialect, chunkSize);
  }

  /** These options with another dialect. */
  public WriterOptions withDialect(Dialect dialect) {
    return new WriterOptions(openMode, compression, dialect, chunkSize);
  }

  /**
   * These options with another chunk size. A chunk is closed before a record that would take it
   * past this size, where each record counts its bytes and 8 more; a larger record is a chunk by
   * itself. Large chunks compress better; a reader decodes, and holds in memory, a whole chunk at a
   * time.
   *
   * @param bytes 1 to {@link #MAX_CHUNK_SIZE}
   * @throws IllegalArgumentException if {@code bytes} is outside that range
   */
  public WriterOptions withChunkSize(long bytes) {
    if (bytes < 1 || bytes > MAX_CHUNK_SIZE) {
      throw new IllegalArgumentException(
          "chunk size " + bytes + " is outside 1 to " + MAX_CHUNK_SIZE + " bytes");
    }
    return new WriterOptions(openMode, compression, dialect, bytes);
  }

  /** What is done about a file that exists. */
  public OpenMode openMode() {
    return openMode;
  }

  /** The compression. */
  public Compression compression() {
    return compression;
  }

  /** The dialect. */
  public Dialect dialect() {
    return dialect;
  }

  /** The chunk size in bytes. */
  public long chunkSize() {
    return chunkSize;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof WriterOptions that
        && openMode == that.openMode
        && compression.equals(that.compression)
        && dialect == that.dialect
        && chunkSize == that.chunkSize;
  }

  @Override
  public int hashCode() {
    return Objects.hash(openMode, compression, dialect, chunkSize);
  }

  @Override
  public String toString() {
    return "WriterOptions[openMode="
        + openMode
        + ", compression="
        + compression
        + ", dialect="
        + dialect
        + ", chunkSize="
        + chunkSize
        + "]";
  }
}
