/**
 * Bytes on their way between the engine and streams, channels and segments. Not exported: for use
 * inside this module alone.
 */
@NullMarked
package io.disky.transfer;

import org.jspecify.annotations.NullMarked;
