/** Helpers for all tests: records, threads, processes, logs, and the ways to read and write. */
package io.disky.testing;
