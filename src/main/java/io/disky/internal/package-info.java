/** Loads the native library and owns its objects. Not for use outside this module. */
package io.disky.internal;
