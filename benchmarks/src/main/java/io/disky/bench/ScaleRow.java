package io.disky.bench;

/**
 * The cost of reading and writing lines for one size or number of files.
 *
 * @param subject the difference to other rows
 * @param lines number of lines
 * @param bytes size of all files in bytes
 * @param readNanos time to read a line, in nanoseconds
 * @param readMemory peak memory of the process that reads, in KiB
 * @param writeNanos time to write a line, in nanoseconds
 * @param writeMemory peak memory of the process that writes, in KiB
 */
record ScaleRow(
    String subject,
    long lines,
    long bytes,
    double readNanos,
    long readMemory,
    double writeNanos,
    long writeMemory) {}
