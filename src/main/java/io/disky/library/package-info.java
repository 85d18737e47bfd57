/** Finds, extracts and loads the native library. Not exported: for use inside this module alone. */
@NullMarked
package io.disky.library;

import org.jspecify.annotations.NullMarked;
