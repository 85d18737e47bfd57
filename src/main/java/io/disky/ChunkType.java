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
  /** Records, transposed by protocol buffer field. Read, but never written. */
  TRANSPOSED,
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
