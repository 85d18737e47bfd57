package io.disky.formats;

import io.disky.framing.FrameEncoder;
import io.disky.framing.FrameParser;
import io.disky.framing.PrefixParser;
import io.disky.framing.TfRecordParser;
import io.disky.framing.VarintParser;
import java.nio.ByteOrder;

/** How records follow each other in a stream of bytes. */
public enum Framing {
  /**
   * TensorFlow's TFRecord. Each record follows its length, 8 bytes, and a checksum of the length; a
   * checksum of the record follows. Numbers are little-endian; checksums are masked CRC-32C.
   */
  TFRECORD(true) {
    @Override
    FrameParser parser() {
      return new TfRecordParser();
    }

    @Override
    FrameEncoder encoder() {
      return new FrameEncoder.TfRecord();
    }
  },

  /**
   * Each record follows its length, a varint, as {@code writeDelimitedTo} of protocol buffer
   * messages writes it.
   */
  DELIMITED(false) {
    @Override
    FrameParser parser() {
      return new VarintParser();
    }

    @Override
    FrameEncoder encoder() {
      return new FrameEncoder.Varint();
    }
  },

  /** Each record follows its length, 4 bytes, unsigned, little-endian. */
  UINT32_LITTLE_ENDIAN(false) {
    @Override
    FrameParser parser() {
      return new PrefixParser(Integer.BYTES, ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    FrameEncoder encoder() {
      return new FrameEncoder.Prefix(Integer.BYTES, ByteOrder.LITTLE_ENDIAN);
    }
  },

  /** Each record follows its length, 4 bytes, unsigned, big-endian. */
  UINT32_BIG_ENDIAN(false) {
    @Override
    FrameParser parser() {
      return new PrefixParser(Integer.BYTES, ByteOrder.BIG_ENDIAN);
    }

    @Override
    FrameEncoder encoder() {
      return new FrameEncoder.Prefix(Integer.BYTES, ByteOrder.BIG_ENDIAN);
    }
  },

  /** Each record follows its length, 8 bytes, unsigned, little-endian. */
  UINT64_LITTLE_ENDIAN(false) {
    @Override
    FrameParser parser() {
      return new PrefixParser(Long.BYTES, ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    FrameEncoder encoder() {
      return new FrameEncoder.Prefix(Long.BYTES, ByteOrder.LITTLE_ENDIAN);
    }
  },

  /** Each record follows its length, 8 bytes, unsigned, big-endian. */
  UINT64_BIG_ENDIAN(false) {
    @Override
    FrameParser parser() {
      return new PrefixParser(Long.BYTES, ByteOrder.BIG_ENDIAN);
    }

    @Override
    FrameEncoder encoder() {
      return new FrameEncoder.Prefix(Long.BYTES, ByteOrder.BIG_ENDIAN);
    }
  };

  private final boolean checked;

  Framing(boolean checked) {
    this.checked = checked;
  }

  /**
   * Returns whether checksums protect records and lengths. Without them a reader detects a changed
   * length only if it is larger than {@link FramedReaderOptions#maxRecordSize()} or reaches beyond
   * the end of the stream, and does not detect changed records.
   */
  public boolean isChecked() {
    return checked;
  }

  abstract FrameParser parser();

  abstract FrameEncoder encoder();
}
