/**
 * Reads and writes many files at once: in which order, and whose turn it is. Not exported: for use
 * inside this module alone.
 */
package io.disky.shards;
