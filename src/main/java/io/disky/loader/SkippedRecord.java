package io.disky.loader;

import java.io.IOException;

/**
 * A record that a batch lacks because it could not be read.
 *
 * @param source the index of its source
 * @param number the number of the record in its source
 * @param position the position of the record in the epoch, which no other record takes
 * @param reason why it could not be read, with the name of the file and the position in it
 */
public record SkippedRecord(int source, long number, long position, IOException reason) {}
