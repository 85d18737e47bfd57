/**
 * Writes one file: gathers records into chunks and encodes them on other threads. Not exported: for
 * use inside this module alone.
 */
package io.disky.writing;
