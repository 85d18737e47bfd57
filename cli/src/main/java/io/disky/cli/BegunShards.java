package io.disky.cli;

import io.disky.RecordWriter;
import io.disky.ShardTarget;
import io.disky.WriterOptions;
import io.disky.files.QuotedText;
import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Creates shards in a directory. Keeps a list of the shards that were begun and of the directories
 * that did not exist before. A command never continues a shard, so every begun shard is new.
 */
final class BegunShards implements ShardTarget, UnfinishedOutput {
  private final ShardTarget shards;
  private final Path directory;
  private final UnfinishedOutputs unfinished;
  private final List<Path> missingDirectories;
  private final List<BegunFile> begun = new ArrayList<>(); // guarded by the lock of unfinished

  /** For shards in {@code directory}, which need not exist. */
  BegunShards(Path directory, String prefix, UnfinishedOutputs unfinished) {
    this.shards = ShardTarget.inDirectory(directory, prefix);
    this.directory = directory;
    this.unfinished = unfinished;
    this.missingDirectories = missing(directory);
  }

  /** Those of {@code directory} and its parents that do not exist. */
  private static List<Path> missing(Path directory) {
    List<Path> missing = new ArrayList<>();
    Path path = directory.toAbsolutePath();
    while (path != null && !Files.exists(path)) {
      missing.add(path);
      path = path.getParent();
    }
    return missing;
  }

  @Override
  public String name() {
    return shards.name();
  }

  @Override
  public String name(long number) {
    return shards.name(number);
  }

  @Override
  public RecordWriter open(long number, WriterOptions options) throws IOException {
    return unfinished.create(() -> {
      Path path = directory.resolve(new File(shards.name(number)).getName());
      RecordWriter writer = BegunFile.open(path, () -> shards.open(number, options));
      begun.add(BegunFile.of(writer));
      return writer;
    });
  }

  @Override
  public void clear() throws IOException {
    shards.clear();
  }

  @Override
  public String remove() throws IOException {
    int removed = 0;
    for (BegunFile shard : begun) {
      removed += shard.remove() ? 1 : 0;
    }
    removeDirectories();
    return switch (removed) {
      case 0 -> "";
      case 1 -> QuotedText.name(directory) + ": 1 shard removed, because it is incomplete";
      default ->
          QuotedText.name(directory)
              + ": "
              + removed
              + " shards removed, because they are incomplete";
    };
  }

  private void removeDirectories() throws IOException {
    try {
      for (Path missing : missingDirectories) {
        Files.deleteIfExists(missing);
      }
    } catch (DirectoryNotEmptyException e) {
      // Another program has put a file into it.
    }
  }
}
