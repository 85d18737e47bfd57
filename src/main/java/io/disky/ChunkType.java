package io.disky;

/**
 * The contents of a chunk. Source: "Chunk data" in Google's Riegeli/records file format
 * specification.
 */
public enum ChunkType {
  /** The file signature. */
  SIGNATURE,
  /** File metadata. */
  METADATA,
  /** Padding, which only takes space. */
  PADDING,
  /** Records, as sizes and values. */
  SIMPLE,
  /** Records, transposed by protocol buffer field. */
  TRANSPOSED,
  /**
   * The footer of an ArrayRecord, which lists its chunks. It has the format of a chunk with
   * records, but contains no records of the user. Source: {@code layout.proto} of
   * google/array_record.
   */
  FOOTER,
  /**
   * The postscript of an ArrayRecord, which states where the footer is. It contains no records of
   * the user either.
   */
  POSTSCRIPT,
  /** A type that this version does not know. */
  UNKNOWN;

  /** Returns whether chunks of this type contain records of the user. */
  public boolean holdsRecords() {
    return this == SIMPLE || this == TRANSPOSED;
  }

  static ChunkType of(int typeByte) {
    return switch (typeByte) {
      case 's' -> SIGNATURE;
      case 'm' -> METADATA;
      case 'p' -> PADDING;
      case 'r' -> SIMPLE;
      case 't' -> TRANSPOSED;
      default -> UNKNOWN;
    };
  }
}
