package io.disky;

import java.util.Optional;

/**
 * A chunk, as its header and its first bytes describe it.
 *
 * @param begin offset in the file in bytes
 * @param end offset just past the chunk and its padding, in bytes
 * @param type what it holds
 * @param codec its compression, {@code none}, {@code zstd}, {@code brotli}, {@code snappy} or
 *     {@code unknown}; empty for types without one
 * @param dialect its dialect; empty if it shows none
 * @param records number of records
 * @param encodedBytes size of its data in the file, without headers and padding
 * @param recordBytes sum of the record sizes in bytes, as its header states it; {@link
 *     Long#MAX_VALUE} if that is more
 */
public record ChunkDescription(
    long begin,
    long end,
    ChunkType type,
    String codec,
    Optional<Dialect> dialect,
    long records,
    long encodedBytes,
    long recordBytes) {}
