package io.disky.random;

import io.disky.threads.StackRoom;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** The first bytes of a file: if it is a record file, its signature and first chunk header. */
public final class FileBegin {
  /** The first bytes of every record file, as a little-endian number. */
  private static final long SIGNATURE = 0x3f4a_880d_d170_af83L;

  private static final int SIGNATURE_SIZE = 64;
  private static final int CHUNK_HEADER_SIZE = 40;

  private final ByteBuffer bytes;

  private FileBegin(ByteBuffer bytes) {
    this.bytes = bytes;
  }

  /** Reads the beginning of {@code file}. */
  public static FileBegin of(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(SIGNATURE_SIZE + CHUNK_HEADER_SIZE);
    StackRoom.require(); // The JDK would leave the file open.
    try (SeekableByteChannel channel = Files.newByteChannel(file)) {
      while (bytes.hasRemaining() && channel.read(bytes) >= 0) {}
    }
    return new FileBegin(bytes.flip().order(ByteOrder.LITTLE_ENDIAN));
  }

  /** Whether the file is empty. */
  public boolean isEmpty() {
    return bytes.limit() == 0;
  }

  /** Whether the file begins with the file signature. */
  public boolean isRecordFile() {
    return bytes.limit() >= Long.BYTES && bytes.getLong(0) == SIGNATURE;
  }

  /**
   * Whether the first chunk can be the first chunk of a saved index. Few other files have such a
   * first chunk.
   */
  boolean mayBeIndex() {
    if (bytes.limit() < SIGNATURE_SIZE + CHUNK_HEADER_SIZE || !isRecordFile()) {
      return false;
    }
    long records = bytes.getLong(SIGNATURE_SIZE + 24) >>> 8;
    long size = bytes.getLong(SIGNATURE_SIZE + 32);
    return SavedIndexHeader.mayBeFirstChunk(records, size);
  }
}
