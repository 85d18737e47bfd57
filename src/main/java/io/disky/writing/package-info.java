/**
 * Writes one file: gathers records into chunks and encodes them on other threads. Not exported:
 * only this module uses it.
 */
package io.disky.writing;
