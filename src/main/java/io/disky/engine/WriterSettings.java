package io.disky.engine;

import io.disky.ffi.disky_h;
import io.disky.ffi.disky_writer_options;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * How to write.
 *
 * @param openMode what to do if the file exists
 * @param codec how chunks are compressed
 * @param level the level of the codec, if it has levels
 * @param windowLog the binary logarithm of the codec's window size, or 0 for its default
 * @param diskyDialect whether chunks have the dialect of disky; if not, that of Riegeli
 * @param arrayRecord whether the file is an ArrayRecord
 * @param groupSize number of records in a chunk of an ArrayRecord
 * @param chunkSize the size of a chunk in bytes, of which {@code bucketFraction} is a fraction
 * @param transpose whether chunks are transposed
 * @param bucketFraction 0.0 to 1.0
 * @param initialPadding in bytes; 1 for none
 * @param finalPadding in bytes; 1 for none
 * @param metadata a serialized {@code RecordsMetadata} message; {@code null} for none
 * @param repair whether to cut a torn tail before appending
 * @param atomicCreation whether the file has a temporary name until it is finished
 * @param upstreamCompatibility whether to place chunks only where upstream's reader accepts them
 */
public record WriterSettings(
    OpenMode openMode,
    Codec codec,
    int level,
    int windowLog,
    boolean diskyDialect,
    boolean arrayRecord,
    int groupSize,
    long chunkSize,
    boolean transpose,
    double bucketFraction,
    long initialPadding,
    long finalPadding,
    byte @Nullable [] metadata,
    boolean repair,
    boolean atomicCreation,
    boolean upstreamCompatibility) {

  /** How to open a file that exists or does not exist. */
  public enum OpenMode {
    /** Fail. */
    CREATE_NEW(disky_h.DISKY_OPEN_CREATE_NEW()),
    /** Replace the file. */
    OVERWRITE(disky_h.DISKY_OPEN_OVERWRITE()),
    /** Write after the end of the file. */
    APPEND(disky_h.DISKY_OPEN_APPEND());

    private final int value;

    OpenMode(int value) {
      this.value = value;
    }
  }

  /** How chunks are compressed. */
  public enum Codec {
    /** Without compression. */
    NONE(disky_h.DISKY_COMPRESSION_NONE()),
    /** With Zstandard. */
    ZSTD(disky_h.DISKY_COMPRESSION_ZSTD()),
    /** With Brotli. */
    BROTLI(disky_h.DISKY_COMPRESSION_BROTLI()),
    /** With Snappy. */
    SNAPPY(disky_h.DISKY_COMPRESSION_SNAPPY());

    private final int value;

    Codec(int value) {
      this.value = value;
    }
  }

  MemorySegment allocate(Arena arena) {
    MemorySegment options = disky_writer_options.allocate(arena);
    disky_writer_options.open_mode(options, openMode.value);
    disky_writer_options.compression(options, codec.value);
    disky_writer_options.compression_level(options, level);
    disky_writer_options.window_log(options, windowLog);
    disky_writer_options.dialect(
        options, diskyDialect ? disky_h.DISKY_DIALECT_DISKY() : disky_h.DISKY_DIALECT_RIEGELI());
    disky_writer_options.container(
        options,
        arrayRecord ? disky_h.DISKY_CONTAINER_ARRAY_RECORD() : disky_h.DISKY_CONTAINER_RECORDS());
    disky_writer_options.group_size(options, groupSize);
    disky_writer_options.chunk_size(options, chunkSize);
    disky_writer_options.transpose(options, transpose ? 1 : 0);
    disky_writer_options.bucket_fraction(options, bucketFraction);
    disky_writer_options.initial_padding(options, initialPadding);
    disky_writer_options.final_padding(options, finalPadding);
    disky_writer_options.repair(options, repair ? 1 : 0);
    disky_writer_options.atomic_creation(options, atomicCreation ? 1 : 0);
    disky_writer_options.upstream_compatibility(options, upstreamCompatibility ? 1 : 0);
    return options;
  }

  /**
   * Allocates one byte more than the metadata have, so that metadata of 0 bytes have an address.
   */
  MemorySegment allocateMetadata(Arena arena) {
    if (metadata == null) {
      return MemorySegment.NULL;
    }
    MemorySegment bytes = arena.allocate(metadata.length + 1L);
    MemorySegment.copy(metadata, 0, bytes, ValueLayout.JAVA_BYTE, 0, metadata.length);
    return bytes.asSlice(0, metadata.length);
  }
}
