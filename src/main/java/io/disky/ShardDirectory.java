package io.disky;

import io.disky.engine.Engine;
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
final class ShardDirectory implements ShardTarget {
  private final Path directory;
  private final String prefix;
  private final Pattern shardName;

  ShardDirectory(Path directory, String prefix) {
    if (directory.resolve(prefix + "_0").getNameCount() != directory.resolve("x").getNameCount()
        || prefix.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          "the prefix of shards is more than a part of a file name: " + QuotedText.name(prefix));
    }
    this.directory = directory;
    this.prefix = prefix;
    this.shardName = Pattern.compile(Pattern.quote(prefix) + "_[0-9]+");
  }

  @Override
  public String name() {
    return QuotedText.name(directory) + " with prefix \"" + QuotedText.message(prefix) + "\"";
  }

  @Override
  public String name(long number) {
    return path(Long.toString(number)).toString();
  }

  private Path path(String number) {
    return directory.resolve(prefix + "_" + number);
  }

  @Override
  public RecordWriter open(long number, WriterOptions options) throws IOException {
    Engine.ensureLoaded();
    if (!Files.isDirectory(directory)) {
      FileFailures.quoting(() -> Files.createDirectories(directory));
    }
    return RecordWriter.open(path(Long.toString(number)), options);
  }

  @Override
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
