package io.disky;

import io.disky.internal.NativeLibrary;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
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
          "the prefix of shards is more than a part of a file name: " + prefix);
    }
    this.directory = directory;
    this.prefix = prefix;
    this.shardName = Pattern.compile(Pattern.quote(prefix) + "_[0-9]+");
  }

  @Override
  public String name() {
    return directory + " with prefix \"" + prefix + "\"";
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
    NativeLibrary.ensureLoaded();
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(directory);
    }
    return RecordWriter.open(path(Long.toString(number)), options);
  }

  @Override
  public void clear() throws IOException {
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, this::isShard)) {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  private boolean isShard(Path file) {
    Path name = file.getFileName();
    return name != null
        && shardName.matcher(name.toString()).matches()
        && !Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS);
  }
}
