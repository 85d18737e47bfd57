/**
 * Names of files: in messages, in the native library, in digests. Not exported: for use inside this
 * module alone.
 */
package io.disky.files;
