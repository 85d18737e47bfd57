package io.disky.cli;

import java.io.IOException;

/** Splits an input in which each record follows its length, a 4-byte little-endian number. */
final class LengthPrefixes implements SplitInput.Splitter {
  /** The largest length. */
  static final long MAX_LENGTH = (1L << 32) - 1;

  @Override
  public void split(InputBuffer in, RecordSink sink) throws IOException {
    while (in.fill(Integer.BYTES)) {
      long length = length(in.bytes(), in.begin());
      if (!in.fill(Integer.BYTES + length)) {
        throw in.failure(
            "a record of "
                + length
                + " bytes is incomplete: bytes after its length: "
                + (in.size() - Integer.BYTES));
      }
      sink.write(in.bytes(), in.begin() + Integer.BYTES, (int) length);
      in.consume(Integer.BYTES + (int) length);
    }
    if (in.size() > 0) {
      throw in.failure("a length of 4 bytes is incomplete: bytes of it: " + in.size());
    }
  }

  private static long length(byte[] bytes, int at) {
    long length = 0;
    for (int i = Integer.BYTES - 1; i >= 0; i--) {
      length = length << Byte.SIZE | Byte.toUnsignedLong(bytes[at + i]);
    }
    return length;
  }
}
