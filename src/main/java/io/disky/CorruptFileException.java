package io.disky;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A file is damaged, or no record file at all. The message names file, position, values and remedy.
 */
public final class CorruptFileException extends IOException {
  private static final long serialVersionUID = 1;

  /** What is damaged. */
  public enum Damage {
    /** The file does not start with the file signature. */
    NOT_A_RECORD_FILE,
    /** The file ends inside a structure. */
    TRUNCATED,
    /** A block header does not match its hash, or disagrees with the chunk across it. */
    BLOCK_HEADER,
    /** A chunk header does not match its hash, or states impossible sizes. */
    CHUNK_HEADER,
    /** The data of a chunk do not match their hash. */
    DATA_HASH,
    /** The record sizes in a chunk disagree with its header. */
    RECORD_SIZES,
    /** Compressed data do not decompress to what was stated. */
    COMPRESSED_DATA,
    /** A file signature lies where no concatenated file can begin. */
    MISPLACED_SIGNATURE,
    /** A transposed chunk contradicts itself or its header. */
    TRANSPOSED_DATA,
    /** An index, an ArrayRecord's footer or a saved one, disagrees with the chunks. */
    INDEX
  }

  // As text, because a Path need not be serializable.
  private final String name;
  private final boolean isFile;
  private final Damage damage;
  private final long position;
  private final long recordsRead;

  CorruptFileException(
      Origin origin, Damage damage, long position, long recordsRead, String message) {
    super(message);
    this.name = origin.name();
    this.isFile = origin.isFile();
    this.damage = damage;
    this.position = position;
    this.recordsRead = recordsRead;
  }

  /**
   * What was read: the path of the file as text, {@code memory}, {@code channel} or {@code stream}.
   */
  public String name() {
    return name;
  }

  /** The file; empty if what was read is no file of the default file system. */
  public Optional<Path> path() {
    return isFile ? Optional.of(Path.of(name)) : Optional.empty();
  }

  /** What is damaged. */
  public Damage damage() {
    return damage;
  }

  /** Where: an offset in the file in bytes; of a chunk's beginning if the damage is inside it. */
  public long position() {
    return position;
  }

  /** How many records the reader delivered before. */
  public long recordsRead() {
    return recordsRead;
  }
}
