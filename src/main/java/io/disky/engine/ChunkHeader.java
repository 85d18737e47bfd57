package io.disky.engine;

import io.disky.ffi.disky_chunk;
import io.disky.ffi.disky_h;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The contents of the header of a chunk, and of the first bytes of its data.
 *
 * @param begin offset of the chunk in the file in bytes
 * @param end offset just past the chunk
 * @param part the part of an ArrayRecord's index that the chunk is, if any
 * @param type the type as the file has it, an ASCII letter
 * @param compression the compression as the file has it: 0, or an ASCII letter; -1 if the chunk has
 *     none
 * @param dialect the dialect of its data; {@code null} if nothing shows it
 * @param records number of records
 * @param dataSize size of its data in the file in bytes
 * @param decodedDataSize sum of its record sizes in bytes, as stated: unsigned
 */
public record ChunkHeader(
    long begin,
    long end,
    Part part,
    int type,
    int compression,
    @Nullable Dialect dialect,
    long records,
    long dataSize,
    long decodedDataSize) {

  static ChunkHeader of(MemorySegment chunk) {
    return new ChunkHeader(
        disky_chunk.begin(chunk),
        disky_chunk.end(chunk),
        Part.of(disky_chunk.part(chunk)),
        disky_chunk.chunk_type(chunk),
        disky_chunk.compression_type(chunk),
        Dialect.of(disky_chunk.dialect(chunk)),
        disky_chunk.records(chunk),
        disky_chunk.data_size(chunk),
        disky_chunk.decoded_data_size(chunk));
  }

  /** The part of an ArrayRecord's index that a chunk is. */
  public enum Part {
    /** The chunk is not a part of an index. */
    NONE,
    /** The chunk lists the chunks of records. */
    FOOTER,
    /** The chunk states where the footer is. */
    POSTSCRIPT;

    private static Part of(int part) {
      if (part == disky_h.DISKY_PART_FOOTER()) {
        return FOOTER;
      }
      return part == disky_h.DISKY_PART_POSTSCRIPT() ? POSTSCRIPT : NONE;
    }
  }

  /** The layout of the data of a chunk, in which writers differ. */
  public enum Dialect {
    /** The layout that disky writes. */
    DISKY,
    /** The layout that Riegeli writes. */
    RIEGELI;

    private static @Nullable Dialect of(int dialect) {
      if (dialect < 0) {
        return null;
      }
      return dialect == disky_h.DISKY_DIALECT_DISKY() ? DISKY : RIEGELI;
    }
  }
}
