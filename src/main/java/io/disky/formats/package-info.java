/**
 * Reads and writes the records of files that other programs use: TFRecord, length-prefixed and
 * delimited files, also compressed. For moving data to record files and back.
 *
 * <p>{@link io.disky.formats.FramedRecordReader} reads, {@link io.disky.formats.FramedRecordWriter}
 * writes; {@link io.disky.formats.Framing} lists the formats. {@code docs/converting.md} is the
 * guide, also to {@code disky convert}, which uses these classes.
 */
@org.jspecify.annotations.NullMarked
package io.disky.formats;
