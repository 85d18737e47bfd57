package io.disky.reading;

import io.disky.engine.ReaderSettings;
import java.time.Duration;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * How to read one file.
 *
 * @param engine the options that the engine applies
 * @param parallelism how many threads decode ahead, in addition to the one that takes records
 * @param readAhead bound on the bytes that are decoded ahead
 * @param followInterval the time between two looks at a file that is followed
 * @param followTimeout how long to wait for more of a file that is followed; {@code null} for ever
 * @param dataAlignment alignment of the records' memory in bytes
 * @param progress gets the bytes that an operation on the complete file has done; {@code null} for
 *     nobody
 */
public record FeedSettings(
    ReaderSettings engine,
    int parallelism,
    long readAhead,
    Duration followInterval,
    @Nullable Duration followTimeout,
    int dataAlignment,
    @Nullable LongConsumer progress) {}
