/**
 * Names of files: in messages, in the native library, in digests. Not exported: only this module
 * uses it.
 */
package io.disky.files;
