/**
 * Reads records by number: where chunks are, and who reads them. Not exported: for use inside this
 * module alone.
 */
package io.disky.random;
