/**
 * Reads records by number: indexes of chunks, saved indexes, the cache of decoded chunks, and the
 * threads that decode. Not exported: for use inside this module only.
 */
package io.disky.random;
