/** Finds, extracts and loads the native library. Not exported: only this module uses it. */
package io.disky.library;
