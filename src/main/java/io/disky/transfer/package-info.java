/**
 * Bytes on their way between the engine and streams, channels and segments. Not exported: for use
 * inside this module alone.
 */
package io.disky.transfer;
