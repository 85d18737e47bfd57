package io.disky.shards;

import io.disky.files.FileFailures;
import io.disky.files.QuotedText;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Shards that are files of one directory: a prefix, an underscore, and digits. */
public final class ShardDirectory {
  private final Path directory;
  private final String prefix;
  private final Pattern shardName;

  /**
   * Shards in {@code directory} that are called prefix, underscore, number.
   *
   * @throws IllegalArgumentException if {@code prefix} is not a valid part of a file name
   */
  public ShardDirectory(Path directory, String prefix) {
    if (directory.resolve(prefix + "_0").getNameCount() != directory.resolve("x").getNameCount()
        || prefix.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          "the prefix of shards is not a valid part of a file name: " + QuotedText.name(prefix));
    }
    this.directory = directory;
    this.prefix = prefix;
    this.shardName = Pattern.compile(Pattern.quote(prefix) + "_[0-9]+");
  }

  /** The name of all shards together in messages. */
  public String name() {
    return QuotedText.name(directory) + " with prefix \"" + QuotedText.message(prefix) + "\"";
  }

  /** The path of the shard of this number. */
  public Path path(long number) {
    return directory.resolve(prefix + "_" + number);
  }

  /**
   * Creates the directory if it is missing.
   *
   * @throws IOException if it cannot be created
   */
  public void create() throws IOException {
    if (!Files.isDirectory(directory)) {
      FileFailures.quoting(() -> Files.createDirectories(directory));
    }
  }

  /**
   * Removes all shards in the directory, and nothing else.
   *
   * @throws IOException if a shard cannot be removed
   */
  public void clear() throws IOException {
    if (Files.isDirectory(directory)) {
      for (Path file : FileFailures.quoting(this::existing)) {
        FileFailures.quoting(() -> Files.deleteIfExists(file));
      }
    }
  }

  private List<Path> existing() throws IOException {
    List<Path> existing = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, this::isShard)) {
      files.forEach(existing::add);
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return existing;
  }

  private boolean isShard(Path file) {
    Path name = file.getFileName();
    return name != null
        && shardName.matcher(name.toString()).matches()
        && !Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS);
  }
}
