/**
 * Threads: which thread may call an object, worker threads, and the end of objects that nobody
 * closed. Not exported: only this module uses it.
 */
package io.disky.threads;
