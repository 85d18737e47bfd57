package io.disky.files;

import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The source or the destination of a record file: a file, memory, a channel, a stream or a remote
 * file.
 *
 * @param name its name; messages quote it, as {@link #toString} does
 * @param file its path; {@code null} if it has none
 * @param kind its kind
 */
public record Origin(String name, @Nullable Path file, Kind kind) {
  public static final Origin MEMORY = new Origin("memory", null, Kind.MEMORY);
  public static final Origin CHANNEL = new Origin("channel", null, Kind.CHANNEL);
  public static final Origin STREAM = new Origin("stream", null, Kind.STREAM);

  /** The kinds of origins. */
  public enum Kind {
    /** A file of the default file system, which the engine opens itself. */
    FILE("file"),
    /** Memory, so that reading and writing call no code of the user. */
    MEMORY("memory"),
    /** A channel, or a file of another file system. */
    CHANNEL("channel"),
    /** A stream. */
    STREAM("stream"),
    /** A file that requests read. */
    REMOTE("remote file"),
    /** Known by its name only. */
    NAMED("file");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    /** The kind as messages name it. */
    @Override
    public String toString() {
      return text;
    }
  }

  public static Origin of(Path file) {
    return new Origin(file.toString(), file, isDefaultFile(file) ? Kind.FILE : Kind.CHANNEL);
  }

  /** Something of which only the name is known. */
  public static Origin named(String name) {
    return new Origin(name, null, Kind.NAMED);
  }

  /** A remote file. */
  public static Origin remote(String name) {
    return new Origin(name, null, Kind.REMOTE);
  }

  public Optional<Path> path() {
    return Optional.ofNullable(file);
  }

  /** Whether it is a file that the engine opens itself. */
  public boolean isFile() {
    return kind == Kind.FILE;
  }

  /** Whether it is memory, so that reading and writing call no code of the user. */
  public boolean isMemory() {
    return kind == Kind.MEMORY;
  }

  static boolean isDefaultFile(@Nullable Path file) {
    return file != null && file.getFileSystem().equals(FileSystems.getDefault());
  }

  @Override
  public String toString() {
    return QuotedText.name(name);
  }
}
