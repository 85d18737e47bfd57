package io.disky.random;

import io.disky.engine.ReaderSettings;
import java.nio.file.Path;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * How files are read at random.
 *
 * @param cacheSize the memory of the cache in bytes
 * @param threads how many threads decode ahead, in addition to the caller
 * @param footer whether the footer of an ArrayRecord is used
 * @param load whether a saved index is used
 * @param save whether an index is saved after the chunk headers had to be read for it
 * @param directory where indexes are saved; {@code null} for the directory of the file
 * @param minPart the smallest part of a file whose chunk headers a thread of its own reads, in
 *     bytes
 * @param alignment of records that are copied to arenas, in bytes: a power of two
 * @param progress gets the bytes whose chunk headers were read; {@code null} for nobody
 * @param reading the limits for reading
 */
public record RandomAccessSettings(
    long cacheSize,
    int threads,
    boolean footer,
    boolean load,
    boolean save,
    @Nullable Path directory,
    long minPart,
    int alignment,
    @Nullable LongConsumer progress,
    ReaderSettings reading) {}
