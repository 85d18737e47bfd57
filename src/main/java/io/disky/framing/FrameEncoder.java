package io.disky.framing;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The bytes before and after the records of a stream. For one thread. */
public abstract sealed class FrameEncoder {
  private static final int MAX_SIZE = 16;

  private final ByteBuffer frame = ByteBuffer.allocate(MAX_SIZE);

  private FrameEncoder(ByteOrder order) {
    frame.order(order);
  }

  /** The bytes before {@code record}; valid until the next call. */
  public final ByteBuffer before(ByteBuffer record) {
    frame.clear();
    putBefore(record, frame);
    return frame.flip();
  }

  /** The bytes after {@code record}; valid until the next call. */
  public final ByteBuffer after(ByteBuffer record) {
    frame.clear();
    putAfter(record, frame);
    return frame.flip();
  }

  abstract void putBefore(ByteBuffer record, ByteBuffer to);

  void putAfter(ByteBuffer record, ByteBuffer to) {}

  /** TFRecord. */
  public static final class TfRecord extends FrameEncoder {
    private final MaskedCrc crc = new MaskedCrc();

    public TfRecord() {
      super(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    void putBefore(ByteBuffer record, ByteBuffer to) {
      to.putLong(record.remaining());
      to.putInt(crc.of(to.duplicate().flip()));
    }

    @Override
    void putAfter(ByteBuffer record, ByteBuffer to) {
      to.putInt(crc.of(record.duplicate()));
    }
  }

  /** A varint before each record. */
  public static final class Varint extends FrameEncoder {
    public Varint() {
      super(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    void putBefore(ByteBuffer record, ByteBuffer to) {
      int rest = record.remaining();
      while (rest > 0x7f) {
        to.put((byte) ((rest & 0x7f) | 0x80));
        rest >>>= 7;
      }
      to.put((byte) rest);
    }
  }

  /** A number of 4 or 8 bytes before each record. */
  public static final class Prefix extends FrameEncoder {
    private final int size;

    /**
     * Lengths of {@code size} bytes.
     *
     * @param size 4 or 8
     */
    public Prefix(int size, ByteOrder order) {
      super(order);
      this.size = size;
    }

    @Override
    void putBefore(ByteBuffer record, ByteBuffer to) {
      if (size == Integer.BYTES) {
        to.putInt(record.remaining());
      } else {
        to.putLong(record.remaining());
      }
    }
  }
}
