package io.disky.framing;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The checksum of TFRecord: CRC-32C, rotated and shifted by a constant, so that the checksum of
 * bytes that contain checksums is not degenerate. Not thread-safe.
 */
final class MaskedCrc {
  private static final int SHIFT = 0xa282ead8;

  private final CRC32C crc = new CRC32C();

  int of(byte[] bytes, int offset, int length) {
    crc.reset();
    crc.update(bytes, offset, length);
    return masked();
  }

  int of(ByteBuffer bytes) {
    crc.reset();
    crc.update(bytes);
    return masked();
  }

  private int masked() {
    return Integer.rotateRight((int) crc.getValue(), 15) + SHIFT;
  }
}
