/** The objects of the native library. Not exported: only this module uses it. */
package io.disky.engine;
