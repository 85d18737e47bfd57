package io.disky.oracle;

/** The type bytes of chunks and the compression type bytes of simple chunks. */
public final class ChunkTypes {
  /** First chunk of each file. It has no data. */
  public static final int SIGNATURE = 's';

  /** Describes the records of the file and contains no records. */
  public static final int METADATA = 'm';

  /** Fills space. */
  public static final int PADDING = 'p';

  /** Contains records: their sizes, then their values. */
  public static final int SIMPLE = 'r';

  /** Contains records, divided into the values of their fields. */
  public static final int TRANSPOSED = 't';

  /** Compression type: not compressed. */
  public static final int NONE = 0;

  /** Compression type: brotli. */
  public static final int BROTLI = 'b';

  /** Compression type: zstd. */
  public static final int ZSTD = 'z';

  /** Compression type: snappy. */
  public static final int SNAPPY = 's';

  private ChunkTypes() {}

  /** Formats a type byte for messages, for example {@code 'r' (0x72)}. */
  static String display(int type) {
    String hex = String.format("0x%02x", type);
    return type > ' ' && type < 0x7f ? "'" + (char) type + "' (" + hex + ")" : hex;
  }
}
