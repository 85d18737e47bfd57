package io.disky.cli;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** The formats in which records are printed. */
enum RecordFormat implements RecordPrinter {
  /** The bytes and a line feed. */
  LINES {
    @Override
    public void print(MemorySegment data, long offset, long length, OutputBuffer to)
        throws IOException {
      to.put(data, offset, length);
      to.put(LINE_FEED);
    }
  },

  /** Two hexadecimal digits for each byte, and a line feed. */
  HEX {
    @Override
    public void print(MemorySegment data, long offset, long length, OutputBuffer to)
        throws IOException {
      for (long i = 0; i < length; i++) {
        to.put(HexPairs.PAIRS[Byte.toUnsignedInt(data.get(ValueLayout.JAVA_BYTE, offset + i))]);
      }
      to.put(LINE_FEED);
    }
  },

  /** Base 64 with the usual alphabet and padding, and a line feed. */
  BASE64 {
    @Override
    public void print(MemorySegment data, long offset, long length, OutputBuffer to)
        throws IOException {
      Base64.Encoder encoder = Base64.getEncoder();
      for (long done = 0; done < length; done += BASE64_STEP) {
        long step = Math.min(length - done, BASE64_STEP);
        byte[] bytes = data.asSlice(offset + done, step).toArray(ValueLayout.JAVA_BYTE);
        to.put(encoder.encode(bytes));
      }
      to.put(LINE_FEED);
    }
  },

  /** The length as a 4-byte little-endian number, and the bytes. */
  LENGTH_PREFIXED {
    @Override
    public void print(MemorySegment data, long offset, long length, OutputBuffer to)
        throws IOException {
      if (length > LengthPrefixes.MAX_LENGTH) {
        throw new IOException("a record of " + length + " bytes is too long for a 4-byte length");
      }
      for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
        to.put((byte) (length >> shift));
      }
      to.put(data, offset, length);
    }
  },

  /** The bytes and nothing else. */
  RAW {
    @Override
    public void print(MemorySegment data, long offset, long length, OutputBuffer to)
        throws IOException {
      to.put(data, offset, length);
    }
  },

  /** The fields of a protocol buffer message as text, by their numbers, and an empty line. */
  PROTO {
    @Override
    public void print(MemorySegment data, long offset, long length, OutputBuffer to)
        throws IOException {
      to.put(WireText.of(RecordBytes.of(data, offset, length)).getBytes(StandardCharsets.UTF_8));
      to.put(LINE_FEED);
    }
  },

  /** The fields of a protocol buffer message as a JSON object, by their numbers, in a line. */
  JSON {
    @Override
    public void print(MemorySegment data, long offset, long length, OutputBuffer to)
        throws IOException {
      to.put(WireJson.of(RecordBytes.of(data, offset, length)).getBytes(StandardCharsets.UTF_8));
      to.put(LINE_FEED);
    }
  };

  private static final byte LINE_FEED = '\n';

  // A multiple of 3, so that only the last part is padded.
  private static final int BASE64_STEP = 3 << 14;

  /**
   * The two digits of each byte, in the byte order of the platform. A class of its own, so that
   * only {@code HEX} computes them.
   */
  private static final class HexPairs {
    private static final short[] PAIRS = pairs();

    private static short[] pairs() {
      byte[] digits = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
      short[] pairs = new short[256];
      for (int i = 0; i < pairs.length; i++) {
        int bigEndian = digits[i >> 4] << 8 | digits[i & 15];
        boolean swap = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
        pairs[i] = swap ? Short.reverseBytes((short) bigEndian) : (short) bigEndian;
      }
      return pairs;
    }
  }
}
