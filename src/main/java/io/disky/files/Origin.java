package io.disky.files;

import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The source or the destination of a record file: a file, memory, a channel or a stream.
 *
 * @param name its name; messages quote it, as {@link #toString} does
 * @param file its path; {@code null} if it has none
 */
public record Origin(String name, @Nullable Path file) {
  public static final Origin MEMORY = new Origin("memory", null);
  public static final Origin CHANNEL = new Origin("channel", null);
  public static final Origin STREAM = new Origin("stream", null);

  public static Origin of(Path file) {
    return new Origin(file.toString(), file);
  }

  /** A file in a store. */
  public static Origin remote(String name) {
    return new Origin(name, null);
  }

  public Optional<Path> path() {
    return Optional.ofNullable(file);
  }

  /** Whether it is a file that the engine opens itself. */
  public boolean isFile() {
    return isDefaultFile(file);
  }

  /** Whether it is memory, so that reading and writing call no code of the user. */
  public boolean isMemory() {
    return equals(MEMORY);
  }

  /**
   * The kind of an origin that the engine does not open itself. A file of another file system is a
   * channel.
   */
  public String kind() {
    return file == null ? name : CHANNEL.name;
  }

  static boolean isDefaultFile(@Nullable Path file) {
    return file != null && file.getFileSystem().equals(FileSystems.getDefault());
  }

  @Override
  public String toString() {
    return QuotedText.name(name);
  }
}
