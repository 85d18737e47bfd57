package io.disky;

import io.disky.files.Origin;

/**
 * A file is damaged, or is not a record file. The message states the file, the position, the values
 * and the remedy.
 */
public final class CorruptFileException extends RecordFileException {
  private static final long serialVersionUID = 1;

  /** Stands for a number of records if the failed operation does not read records in order. */
  static final long NOT_IN_ORDER = -1;

  // File metadata always begin directly after the file signature.
  private static final long METADATA_POSITION = 64;

  /** The damaged part of the file. */
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
    /** Compressed data do not decompress to the stated size. */
    COMPRESSED_DATA,
    /** A file signature lies where no concatenated file can begin. */
    MISPLACED_SIGNATURE,
    /** A transposed chunk contradicts itself or its header. */
    TRANSPOSED_DATA,
    /** An index (the footer of an ArrayRecord, or a saved index) disagrees with the chunks. */
    INDEX
  }

  private final Damage damage;
  private final long recordsRead;

  /**
   * For the implementation of a {@link Shard} whose contents are damaged.
   *
   * @param name the name of the file
   * @param damage the part of the file that is damaged
   * @param position where the damage is: an offset in the file in bytes
   * @param recordsRead how many records were delivered before the damage
   * @param message the complete message; it should name file, position, values and remedy
   */
  public CorruptFileException(
      String name, Damage damage, long position, long recordsRead, String message) {
    this(Origin.named(name), damage, position, recordsRead, message);
  }

  CorruptFileException(
      Origin origin, Damage damage, long position, long recordsRead, String message) {
    super(origin, position, message);
    this.damage = damage;
    this.recordsRead = recordsRead;
  }

  /**
   * The exception for damage that {@code detail} describes.
   *
   * @param recordsRead how many records were delivered before the damage, or {@link #NOT_IN_ORDER}:
   *     then the message does not state the number, and {@link #recordsRead()} returns 0
   */
  static CorruptFileException of(
      Origin file, Damage damage, long position, long recordsRead, String detail) {
    String before = recordsRead == NOT_IN_ORDER ? "" : "; " + recordsReadBefore(recordsRead);
    String message = file + ": " + detail + before + remedy(damage, file);
    return new CorruptFileException(file, damage, position, Math.max(0, recordsRead), message);
  }

  /**
   * The exception for a file that cannot be continued because its end is torn. It states the
   * remedy.
   */
  static CorruptFileException torn(CorruptFileException failure, Origin file) {
    String message =
        String.valueOf(failure.getMessage()).replace(remedy(failure.damage(), file), "")
            + "; WriterOptions.withRepair(true) repairs it, or on the command line 'disky repair'";
    return new CorruptFileException(
        file, failure.damage(), failure.position(), failure.recordsRead(), message);
  }

  /** The exception for file metadata whose hash matches, but which are not a valid message. */
  static CorruptFileException damagedMetadata(
      IllegalArgumentException failure, Origin file, long recordsRead) {
    String detail =
        "byte "
            + METADATA_POSITION
            + ": "
            + failure.getMessage()
            + "; the records can still be read";
    String message = file + ": " + detail + "; " + recordsReadBefore(recordsRead);
    return new CorruptFileException(
        file, Damage.TRANSPOSED_DATA, METADATA_POSITION, recordsRead, message);
  }

  /**
   * The exception for a file that is now shorter than the size that it had, or stated, when it was
   * opened.
   */
  static CorruptFileException shortened(
      IllegalArgumentException failure, Origin file, long position, long recordsRead) {
    String message =
        failure.getMessage()
            + ": the file is shorter than when it was opened, or than its stated size; "
            + recordsReadBefore(recordsRead);
    return new CorruptFileException(file, Damage.TRUNCATED, position, recordsRead, message);
  }

  private static String remedy(Damage damage, Origin file) {
    return damage == Damage.TRUNCATED && file.isFile()
        ? "; if a crash has torn its end, 'disky repair' or RecordWriter.repair cuts it off"
        : "";
  }

  private static String recordsReadBefore(long recordsRead) {
    return recordsRead == 1
        ? "1 record was read before"
        : recordsRead + " records were read before";
  }

  /** The damaged part of the file. */
  public Damage damage() {
    return damage;
  }

  /**
   * How many records the reader delivered before the damage; 0 if a {@link RandomAccessReader} or a
   * writer threw the exception, because neither reads records in order.
   */
  public long recordsRead() {
    return recordsRead;
  }
}
