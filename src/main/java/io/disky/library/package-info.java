/** Finds, extracts and loads the native library. Not exported: for use inside this module alone. */
package io.disky.library;
