package io.disky.writing;

/**
 * The place of a record in a file.
 *
 * @param chunkBegin offset of its chunk in bytes
 * @param index its index among the records of the chunk
 */
public record WrittenPosition(long chunkBegin, long index) {}
