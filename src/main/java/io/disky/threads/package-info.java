/**
 * Threads: who may call, who works, and how objects that nobody closed are ended. Not exported: for
 * use inside this module alone.
 */
@NullMarked
package io.disky.threads;

import org.jspecify.annotations.NullMarked;
