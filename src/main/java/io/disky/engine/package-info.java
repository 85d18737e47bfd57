/** The objects of the native library. Not exported: for use inside this module alone. */
package io.disky.engine;
