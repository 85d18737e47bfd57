/** The objects of the native library. Not exported: for use inside this module alone. */
@NullMarked
package io.disky.engine;

import org.jspecify.annotations.NullMarked;
