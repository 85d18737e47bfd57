/**
 * Writes one file: gathers records into chunks and encodes them on other threads. Not exported: for
 * use inside this module alone.
 */
@NullMarked
package io.disky.writing;

import org.jspecify.annotations.NullMarked;
