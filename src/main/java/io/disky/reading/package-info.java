/**
 * Reads one file: the order of decoded chunks, the pauses of a follower. Not exported: for use
 * inside this module alone.
 */
@NullMarked
package io.disky.reading;

import org.jspecify.annotations.NullMarked;
