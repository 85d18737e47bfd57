package io.disky;

import io.disky.engine.ChunkHeader;
import java.util.Optional;

/**
 * A chunk, as its header and its first bytes describe it.
 *
 * @param begin offset in the file in bytes
 * @param end offset just past the chunk and its padding, in bytes
 * @param type its type
 * @param codec its compression; empty for types of chunks that have none
 * @param dialect its dialect; empty if it shows none
 * @param recordCount number of records
 * @param encodedBytes size of its data in the file, without headers and padding
 * @param recordBytes sum of the record sizes in bytes, as its header states it; {@link
 *     Long#MAX_VALUE} if that is more
 */
public record ChunkDescription(
    long begin,
    long end,
    ChunkType type,
    Optional<Compression.Codec> codec,
    Optional<Dialect> dialect,
    long recordCount,
    long encodedBytes,
    long recordBytes) {

  /** The description of a chunk with this header. */
  static ChunkDescription of(ChunkHeader header) {
    ChunkType type = type(header);
    return new ChunkDescription(
        header.begin(),
        header.end(),
        type,
        codec(header.compression()),
        Optional.ofNullable(header.dialect())
            .map(dialect ->
                switch (dialect) {
                  case DISKY -> Dialect.DISKY;
                  case RIEGELI -> Dialect.RIEGELI;
                }),
        header.records(),
        header.dataSize(),
        type.holdsRecords() ? saturated(header.decodedDataSize()) : 0);
  }

  private static ChunkType type(ChunkHeader header) {
    return switch (header.part()) {
      case FOOTER -> ChunkType.FOOTER;
      case POSTSCRIPT -> ChunkType.POSTSCRIPT;
      case NONE -> ChunkType.of(header.type());
    };
  }

  /** A chunk header can state more than a long holds. */
  private static long saturated(long unsigned) {
    return unsigned < 0 ? Long.MAX_VALUE : unsigned;
  }

  private static Optional<Compression.Codec> codec(int compressionType) {
    return switch (compressionType) {
      case -1 -> Optional.empty();
      case 0 -> Optional.of(Compression.Codec.NONE);
      case 'z' -> Optional.of(Compression.Codec.ZSTD);
      case 'b' -> Optional.of(Compression.Codec.BROTLI);
      case 's' -> Optional.of(Compression.Codec.SNAPPY);
      default -> Optional.of(Compression.Codec.UNKNOWN);
    };
  }
}
