/**
 * Records that follow each other in streams of bytes, as other programs write them: TFRecord,
 * length-prefixed and delimited. Not exported: {@code io.disky.formats} has the public types.
 */
package io.disky.framing;
