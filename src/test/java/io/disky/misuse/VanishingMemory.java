package io.disky.misuse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Memory of a mapped file that is truncated while the memory is in use. */
final class VanishingMemory implements AutoCloseable {
  private final Path path;
  private final FileChannel channel;
  private final MemorySegment segment;

  private VanishingMemory(Path path, FileChannel channel, MemorySegment segment) {
    this.path = path;
    this.channel = channel;
    this.segment = segment;
  }

  /** Maps a file with {@code bytes}. The mapping lives until it is unreachable. */
  static VanishingMemory of(Round round, byte[] bytes) throws IOException {
    // An interrupt is meant for the library; it would close this channel. Other threads interrupt,
    // too.
    boolean interrupted = Thread.interrupted();
    try {
      while (true) {
        try {
          return of(round.workshop().newPath(), bytes);
        } catch (ClosedByInterruptException _) {
          interrupted |= Thread.interrupted();
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static VanishingMemory of(Path path, byte[] bytes) throws IOException {
    Files.write(path, bytes);
    FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    MemorySegment segment =
        channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes.length, Arena.ofAuto());
    return new VanishingMemory(path, channel, segment);
  }

  MemorySegment segment() {
    return segment;
  }

  /** Truncates the file. From then on the memory cannot be read. */
  void vanish() {
    boolean interrupted = Thread.interrupted();
    try {
      boolean truncated = false;
      while (!truncated) {
        try (FileChannel again = FileChannel.open(path, StandardOpenOption.WRITE)) {
          again.truncate(0);
          truncated = true;
        } catch (ClosedByInterruptException _) {
          interrupted |= Thread.interrupted();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
    Files.deleteIfExists(path);
  }
}
