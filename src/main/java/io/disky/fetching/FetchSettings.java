package io.disky.fetching;

/**
 * How a {@link FetchedFile} reads.
 *
 * @param requestSize size of requests that read ahead, in bytes
 * @param maxRequests the largest number of requests at a time
 * @param maxMemory the largest memory of requests and of bytes that were not yet used, in bytes
 */
public record FetchSettings(int requestSize, int maxRequests, long maxMemory) {}
