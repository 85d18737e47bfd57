package io.disky;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What this library keeps beside record files and what is never data, though some of it has the
 * form of a record file. {@link Shards} leaves such files out of directories; so can whoever lists
 * files in another way.
 */
public enum DerivedFile {
  /** A {@linkplain SavedIndex saved index}, whatever the name of the file is. */
  SAVED_INDEX("a saved index"),
  /**
   * What a writer that creates a file {@linkplain WriterOptions#withAtomicCreation atomically}, or
   * saves an index, has begun and not yet named, or has left behind in a crash.
   */
  TEMPORARY("an unfinished temporary file");

  private static final Pattern TEMPORARY_NAME = Pattern.compile("\\.(.*)\\.[0-9a-f]{16}\\.tmp");

  /** The first bytes of every record file, as a little-endian number. */
  private static final long SIGNATURE = 0x3f4a_880d_d170_af83L;

  private static final int SIGNATURE_SIZE = 64;
  private static final int CHUNK_HEADER_SIZE = 40;

  private final String text;

  DerivedFile(String text) {
    this.text = text;
  }

  /**
   * Says what kind of derived file {@code file} is. Reads a little of it, and of what may be an
   * index no more than the first chunk.
   *
   * @return empty if it may be data, is no regular file, or cannot be read: whoever opens it then
   *     learns why
   */
  public static Optional<DerivedFile> of(Path file) {
    Objects.requireNonNull(file, "file");
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      ByteBuffer begin = begin(file);
      if (hasTemporaryName(file) && (begin.limit() == 0 || isRecordFile(begin))) {
        return Optional.of(TEMPORARY);
      }
      boolean index = mayBeIndex(begin) && SavedIndexFile.isIndex(file);
      return index ? Optional.of(SAVED_INDEX) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static boolean hasTemporaryName(Path file) {
    return TEMPORARY_NAME.matcher(String.valueOf(file.getFileName())).matches();
  }

  /** The file signature and the header of the first chunk, as far as they are there. */
  private static ByteBuffer begin(Path file) throws IOException {
    ByteBuffer begin = ByteBuffer.allocate(SIGNATURE_SIZE + CHUNK_HEADER_SIZE);
    try (SeekableByteChannel channel = Files.newByteChannel(file)) {
      while (begin.hasRemaining() && channel.read(begin) >= 0) {}
    }
    return begin.flip().order(ByteOrder.LITTLE_ENDIAN);
  }

  private static boolean isRecordFile(ByteBuffer begin) {
    return begin.limit() >= Long.BYTES && begin.getLong(0) == SIGNATURE;
  }

  /** Whether the header of the first chunk could be that of an index: few other files' could. */
  private static boolean mayBeIndex(ByteBuffer begin) {
    if (begin.limit() < SIGNATURE_SIZE + CHUNK_HEADER_SIZE || !isRecordFile(begin)) {
      return false;
    }
    long records = begin.getLong(SIGNATURE_SIZE + 24) >>> 8;
    long bytes = begin.getLong(SIGNATURE_SIZE + 32);
    return SavedIndexFile.mayBeFirstChunk(records, bytes);
  }

  /** What it is, as a message says it: {@code a saved index}, for example. */
  @Override
  public String toString() {
    return text;
  }
}
