/**
 * Reads records by number: where chunks are, and who reads them. Not exported: for use inside this
 * module alone.
 */
@NullMarked
package io.disky.random;

import org.jspecify.annotations.NullMarked;
