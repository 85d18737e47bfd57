package io.disky.uploading;

import io.disky.retrying.RetryPolicy;

/**
 * How a file is uploaded.
 *
 * @param maxRequests the largest number of requests at a time
 * @param maxMemory the largest memory of parts, in bytes; one part is held even if it is larger
 * @param retry how failed requests are repeated
 */
public record UploadSettings(int maxRequests, long maxMemory, RetryPolicy retry) {}
