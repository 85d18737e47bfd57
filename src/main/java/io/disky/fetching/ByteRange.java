package io.disky.fetching;

/**
 * Bytes of a file.
 *
 * @param begin offset of the first byte
 * @param end offset just past the last byte
 */
public record ByteRange(long begin, long end) {}
