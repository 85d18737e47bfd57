/**
 * Threads: who may call, who works, and how objects that nobody closed are ended. Not exported: for
 * use inside this module alone.
 */
package io.disky.threads;
