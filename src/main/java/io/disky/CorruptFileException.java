package io.disky;

import io.disky.engine.EngineException;
import io.disky.engine.NativeWriter;
import io.disky.files.Origin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file is damaged, or is not a record file. The message states the file, the position, the values
 * and the remedy.
 */
public final class CorruptFileException extends RecordFileException {
  private static final long serialVersionUID = 1;

  private static final String REPAIR =
      "; if a crash has torn its end, 'disky repair' or RecordWriter.repair cuts it off";

  // Repairs of larger ends are not suggested.
  private static final long MOST_SEARCHED = 64 << 20;

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
   * @param recordsRead how many records were delivered before the damage
   * @param fromBeginning whether these are all records before the damage; only then the message
   *     states the number
   */
  static CorruptFileException of(
      Origin file,
      Damage damage,
      long position,
      long recordsRead,
      boolean fromBeginning,
      String detail) {
    String before = fromBeginning ? "; " + recordsReadBefore(recordsRead) : "";
    String message = file + ": " + detail + before;
    return new CorruptFileException(file, damage, position, recordsRead, message);
  }

  /**
   * This exception, with the remedy in its message if a repair would cut the damage off. Reads up
   * to 64 MiB of the file to find out, so a reader that can meet the same damage again and again
   * must not call this.
   */
  CorruptFileException withRemedy(Origin file) {
    Path path = file.isFile() ? file.file() : null;
    boolean cut = path != null && isAtEnd(path, position()) && isCutByRepair(path, position());
    return cut
        ? new CorruptFileException(file, damage, position(), recordsRead, getMessage() + REPAIR)
        : this;
  }

  /**
   * The exception for a file that cannot be continued because its end is torn. It states the
   * remedy.
   */
  static CorruptFileException torn(CorruptFileException failure, Origin file) {
    String message =
        failure.getMessage()
            + "; WriterOptions.withRepair(true) repairs it, or on the command line 'disky repair'";
    return new CorruptFileException(
        file, failure.damage(), failure.position(), failure.recordsRead(), message);
  }

  /** The exception for file metadata whose hash matches, but which are not a valid message. */
  static CorruptFileException damagedMetadata(IllegalArgumentException failure, Origin file) {
    String message =
        file
            + ": byte "
            + METADATA_POSITION
            + ": "
            + failure.getMessage()
            + "; the records can still be read";
    return new CorruptFileException(file, Damage.TRANSPOSED_DATA, METADATA_POSITION, 0, message);
  }

  /**
   * The exception for a file that is now shorter than the size that it had, or stated, when it was
   * opened.
   */
  static CorruptFileException shortened(
      IllegalArgumentException failure, Origin file, long position, long recordsRead) {
    String message =
        failure.getMessage()
            + ": the file is shorter than when it was opened, or than its stated size";
    return new CorruptFileException(file, Damage.TRUNCATED, position, recordsRead, message);
  }

  /**
   * Whether the damage is near enough to the end to look for the remedy: a search through a large
   * file would delay the exception.
   */
  private static boolean isAtEnd(Path path, long position) {
    try {
      return Files.size(path) - position <= MOST_SEARCHED;
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether a repair would cut the file at {@code position} or before. */
  private static boolean isCutByRepair(Path path, long position) {
    try {
      NativeWriter.Repair repair = NativeWriter.repair(path, true);
      return repair != null && repair.sizeAfter() <= position;
    } catch (EngineException | IllegalArgumentException e) {
      return false; // a cut does not repair the file
    } catch (StackOverflowError | OutOfMemoryError e) {
      return false; // the damage is the more useful failure
    }
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
   * How many records the reader delivered before it threw the exception; 0 if a {@link
   * RandomAccessReader} or a writer threw it, because neither reads records in order. After a seek,
   * or if the reader has a range, these are not all records before the damage. Then the message
   * does not state the number.
   */
  public long recordsRead() {
    return recordsRead;
  }
}
