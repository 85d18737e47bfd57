/**
 * Reads one file: the order of decoded chunks, the pauses of a follower. Not exported: for use
 * inside this module alone.
 */
package io.disky.reading;
