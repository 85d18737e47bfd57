/** Loads the native library and holds its objects. Not for use outside this module. */
package io.disky.internal;
