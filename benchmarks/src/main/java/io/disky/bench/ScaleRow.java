package io.disky.bench;

/**
 * What reading and writing lines costs at some size.
 *
 * @param subject what differs from the other rows
 * @param lines number of lines
 * @param bytes size of all files in bytes
 * @param readNanos per line
 * @param readMemory the most memory of the process that reads, in KiB
 * @param writeNanos per line
 * @param writeMemory the most memory of the process that writes, in KiB
 */
record ScaleRow(
    String subject,
    long lines,
    long bytes,
    double readNanos,
    long readMemory,
    double writeNanos,
    long writeMemory) {}
