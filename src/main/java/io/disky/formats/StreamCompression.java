package io.disky.formats;

/** The compression of a complete file. */
public enum StreamCompression {
  /** Not compressed. */
  NONE,
  /** One or more gzip streams, one after the other (RFC 1952). */
  GZIP,
  /** One or more zlib streams, one after the other (RFC 1950). */
  ZLIB,
  /**
   * The first bytes of the file decide. For reading {@link Framing#TFRECORD} only, because the
   * first bytes of other framings can be those of a compressed file.
   */
  DETECT
}
