package io.disky.reading;

/**
 * The place of a record in its file.
 *
 * @param chunkBegin offset of its chunk in the file in bytes
 * @param index its index in the chunk
 */
public record RecordPlace(long chunkBegin, long index) {}
