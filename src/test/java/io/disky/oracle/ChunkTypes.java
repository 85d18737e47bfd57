package io.disky.oracle;

/** The type bytes of chunks and the compression type bytes of simple chunks. */
public final class ChunkTypes {
  /** First chunk of each file; without data. */
  public static final int SIGNATURE = 's';

  /** Describes the records of the file; holds none. */
  public static final int METADATA = 'm';

  /** Occupies space only. */
  public static final int PADDING = 'p';

  /** Holds records: their sizes, then their values. */
  public static final int SIMPLE = 'r';

  /** Holds records, taken apart into columns. */
  public static final int TRANSPOSED = 't';

  /** Compression type: as it is. */
  public static final int NONE = 0;

  /** Compression type: brotli. */
  public static final int BROTLI = 'b';

  /** Compression type: zstd. */
  public static final int ZSTD = 'z';

  /** Compression type: snappy. */
  public static final int SNAPPY = 's';

  private ChunkTypes() {}

  /** Shows a type byte the way a person knows it, such as {@code 'r' (0x72)}. */
  static String display(int type) {
    String hex = String.format("0x%02x", type);
    return type > ' ' && type < 0x7f ? "'" + (char) type + "' (" + hex + ")" : hex;
  }
}
