package io.disky.loading;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Bytes that identify the records of a source: a byte for the kind of source, then names and
 * numbers. A number is 8 bytes, little-endian. A name is its length in bytes as a number, then its
 * bytes in UTF-8.
 */
final class SourceIdentity {
  /** Files: for each file its name, its size in bytes and its number of records. */
  static final int FILES = 1;

  /** Code of the user: its name, numbers of records in all and of a block, and mean record size. */
  static final int CODE = 2;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  SourceIdentity(int kind) {
    bytes.write(kind);
  }

  void addNumber(long number) {
    byte[] encoded = new byte[Long.BYTES];
    ByteBuffer.wrap(encoded).order(ByteOrder.LITTLE_ENDIAN).putLong(number);
    bytes.writeBytes(encoded);
  }

  void addName(String name) {
    byte[] encoded = name.getBytes(StandardCharsets.UTF_8);
    addNumber(encoded.length);
    bytes.writeBytes(encoded);
  }

  byte[] bytes() {
    return bytes.toByteArray();
  }
}
