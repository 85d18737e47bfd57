package io.disky.framing;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;

/** Finds out how a TFRecord file is compressed. */
public final class DetectedInput {
  private DetectedInput() {}

  /**
   * Decompresses {@code in} if its first bytes are those of gzip or zlib data, and not an intact
   * header of a TFRecord.
   */
  public static InputStream of(InputStream in) throws IOException {
    byte[] begin = in.readNBytes(TfRecordParser.HEADER_SIZE);
    InputStream all = new SequenceInputStream(new ByteArrayInputStream(begin), in);
    if (TfRecordParser.isHeader(begin)) {
      return all;
    }
    if (InflatedInput.isGzip(begin)) {
      return InflatedInput.gzip(all);
    }
    return InflatedInput.isZlib(begin) ? InflatedInput.zlib(all) : all;
  }
}
