/**
 * An independent implementation of the record file format, for tests only.
 *
 * <p>Nothing here uses the library under test: {@link io.disky.oracle.OracleReader} parses files
 * with its own code and zstd-jni, and {@link io.disky.oracle.RecordFileForge} lays out files byte
 * by byte, valid or deliberately wrong. A test that compares the library with them therefore does
 * not compare the library with itself.
 */
package io.disky.oracle;
