package io.disky.uploading;

import java.time.Duration;

/**
 * How a file is uploaded.
 *
 * @param maxRequests the largest number of requests at a time
 * @param maxMemory the largest memory of parts, in bytes; one part is held even if it is larger
 * @param retry how failed requests are repeated
 * @param timeout how long a request may take before it counts as failed
 */
public record UploadSettings(
    int maxRequests, long maxMemory, RetryPolicy retry, Duration timeout) {}
