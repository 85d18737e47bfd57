package io.disky.shuffling;

import io.disky.files.FileFailures;
import io.disky.files.QuotedText;
import io.disky.threads.Interruption;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Blocks of one size in a temporary file, which only its owner can read. On Unix the name of the
 * file is removed as soon as the file is open; elsewhere the operating system removes the file when
 * it is closed. So the file does not outlive the process, even if the process is killed. For one
 * thread.
 */
final class BlockFile implements AutoCloseable {
  private static final Set<OpenOption> OPTIONS =
      Set.of(
          StandardOpenOption.CREATE_NEW,
          StandardOpenOption.READ,
          StandardOpenOption.WRITE,
          StandardOpenOption.DELETE_ON_CLOSE);

  private final Path directory;
  private final FileChannel channel;
  private final int blockSize;
  private long blocks;
  private long mostBlocks;

  private BlockFile(Path directory, FileChannel channel, int blockSize) {
    this.directory = directory;
    this.channel = channel;
    this.blockSize = blockSize;
  }

  /** Creates an empty file in {@code directory}. */
  static BlockFile create(Path directory, int blockSize) throws IOException {
    if (!Files.isDirectory(directory)) {
      throw FileFailures.noSuchFile(
          directory.toString(), "no such directory; the temporary file needs one that exists");
    }
    // The library recognizes this name as that of a temporary file. It remains if the process is
    // killed before the name is removed.
    String random = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    Path path = directory.resolve(".disky." + random + ".tmp");
    try {
      return new BlockFile(
          directory, FileChannel.open(path, OPTIONS, ownerOnly(directory)), blockSize);
    } catch (ClosedByInterruptException e) {
      throw interrupted(directory);
    } catch (IOException e) {
      throw failure(directory, "create", e);
    }
  }

  private static FileAttribute<?>[] ownerOnly(Path directory) {
    return directory.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }

  int blockSize() {
    return blockSize;
  }

  /** The number of a block that is not in use. */
  long allocate() {
    long block = blocks++;
    mostBlocks = Math.max(mostBlocks, blocks);
    return block;
  }

  /** Number of blocks in use: a mark for {@link #release}. */
  long mark() {
    return blocks;
  }

  /** Ends the use of all blocks that were allocated after {@link #mark} returned {@code mark}. */
  void release(long mark) {
    blocks = mark;
  }

  /** The largest size that the file has had, in bytes. */
  long mostBytes() {
    return mostBlocks * blockSize;
  }

  /** Writes the remaining bytes of {@code content} to the beginning of a block. */
  void write(long block, ByteBuffer content) throws IOException {
    long position = block * blockSize;
    try {
      while (content.hasRemaining()) {
        position += channel.write(content, position);
      }
    } catch (ClosedByInterruptException e) {
      throw interrupted(directory);
    } catch (IOException e) {
      throw failure(directory, "write", e);
    }
  }

  /** Fills the remaining bytes of {@code into} from the beginning of a block. */
  void read(long block, ByteBuffer into) throws IOException {
    long position = block * blockSize;
    try {
      while (into.hasRemaining()) {
        int read = channel.read(into, position);
        if (read < 0) {
          throw new IOException("it ends at byte " + position);
        }
        position += read;
      }
    } catch (ClosedByInterruptException e) {
      throw interrupted(directory);
    } catch (IOException e) {
      throw failure(directory, "read", e);
    }
  }

  private static IOException interrupted(Path directory) {
    return Interruption.exception(
        "the temporary file in " + QuotedText.name(directory), "shuffling records", null);
  }

  private static IOException failure(Path directory, String doing, IOException cause) {
    String reason =
        cause instanceof FileSystemException file && file.getReason() != null
            ? file.getReason()
            : cause instanceof FileSystemException
                ? cause.getClass().getSimpleName()
                : String.valueOf(cause.getMessage());
    FileSystemException failure =
        FileFailures.other(
            directory.toString(),
            "cannot "
                + doing
                + " the temporary file: "
                + reason
                + "; another temporary directory can be chosen");
    failure.initCause(cause);
    return failure;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
