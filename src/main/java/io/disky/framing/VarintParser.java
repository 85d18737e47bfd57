package io.disky.framing;

import java.io.IOException;

/** Records that follow their length, a varint, as protocol buffer libraries write them. */
public final class VarintParser extends FrameParser {
  private static final int MAX_SIZE = 10;

  @Override
  boolean parse(ByteWindow window, int maxLength) throws IOException {
    long length = 0;
    for (int i = 0; i < MAX_SIZE; i++) {
      if (!window.fill(i + 1)) {
        if (i == 0) {
          return false;
        }
        throw new FrameDamage(
            window.position(), 0, "a length is incomplete: bytes of it: " + window.size());
      }
      byte group = window.bytes()[window.begin() + i];
      if (i == MAX_SIZE - 1 && (group & 0xff) > 1) {
        break;
      }
      length |= (group & 0x7fL) << (7 * i);
      if (group >= 0) {
        Lengths.check(length, maxLength, window);
        Lengths.fill(window, i + 1, (int) length, 0);
        return found(i + 1, (int) length, 0);
      }
    }
    throw new FrameDamage(window.position(), 0, "a length is not a varint of at most 64 bits");
  }
}
