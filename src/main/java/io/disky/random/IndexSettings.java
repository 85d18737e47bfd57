package io.disky.random;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where the index of a file may come from, and where it is saved.
 *
 * @param footer whether the footer of an ArrayRecord is used
 * @param load whether a saved index is used
 * @param save whether an index is saved after the chunk headers had to be read for it
 * @param directory where indexes are saved; {@code null} for the directory of the file
 * @param minPart the smallest part of a file whose chunk headers a thread of its own reads, in
 *     bytes
 */
public record IndexSettings(
    boolean footer, boolean load, boolean save, @Nullable Path directory, long minPart) {}
