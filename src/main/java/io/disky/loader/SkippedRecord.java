package io.disky.loader;

import java.io.IOException;

/**
 * A record that is missing in a batch because it could not be read.
 *
 * @param source the index of its source
 * @param number the number of the record in its source
 * @param position the position of the record in the epoch; no other record has this position
 * @param reason why it could not be read; for files, the message names the file and the position
 */
public record SkippedRecord(int source, long number, long position, IOException reason) {}
