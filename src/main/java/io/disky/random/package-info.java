/**
 * Reads records by number: indexes of chunks, saved indexes, the cache of decoded chunks, and the
 * threads that decode. Not exported: only this module uses it.
 */
package io.disky.random;
