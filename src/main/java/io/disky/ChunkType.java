package io.disky;

/**
 * What a chunk holds. Source: "Chunk data" in Google's Riegeli/records file format specification.
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
   * The footer of an ArrayRecord, which lists its chunks. A chunk like those with records, but none
   * of the user's. Source: {@code layout.proto} of google/array_record.
   */
  FOOTER,
  /** The postscript of an ArrayRecord, which tells where the footer is. Likewise. */
  POSTSCRIPT,
  /** A type that this version does not know. */
  UNKNOWN;

  /** Says whether chunks of this type hold records. */
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
