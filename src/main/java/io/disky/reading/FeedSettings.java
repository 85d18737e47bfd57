package io.disky.reading;

import io.disky.engine.ReaderSettings;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How to read one file.
 *
 * @param engine what the engine applies
 * @param threads how many threads decode ahead
 * @param readAhead bound on the bytes that are decoded ahead
 * @param pollInterval the time between two looks at a file that is followed
 * @param followTimeout how long to wait for more of a file that is followed; {@code null} for ever
 */
public record FeedSettings(
    ReaderSettings engine,
    int threads,
    long readAhead,
    Duration pollInterval,
    @Nullable Duration followTimeout) {}
