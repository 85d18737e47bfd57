/**
 * Bytes on their way between the engine and streams, channels and segments. Not exported: only this
 * module uses it.
 */
package io.disky.transfer;
