package io.disky.misuse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Memory of a file, which somebody makes shorter while it is in use. */
final class VanishingMemory implements AutoCloseable {
  private final Path path;
  private final FileChannel channel;
  private final MemorySegment segment;

  private VanishingMemory(Path path, FileChannel channel, MemorySegment segment) {
    this.path = path;
    this.channel = channel;
    this.segment = segment;
  }

  /** A file with {@code bytes}, as memory that lives until nobody refers to it. */
  static VanishingMemory of(Round round, byte[] bytes) throws IOException {
    Path path = round.workshop().newPath();
    Files.write(path, bytes);
    FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    MemorySegment segment =
        channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes.length, Arena.ofAuto());
    return new VanishingMemory(path, channel, segment);
  }

  MemorySegment segment() {
    return segment;
  }

  /** From now on the memory cannot be read. */
  void vanish() {
    try {
      channel.truncate(0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
    Files.deleteIfExists(path);
  }
}
