package io.disky;

import io.disky.files.QuotedText;
import io.disky.random.FileLocation;
import io.disky.random.IndexRecordFiles;
import io.disky.random.SavedIndexSource;
import io.disky.remote.RemoteFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Where the files of a {@link RandomAccessReader} are. */
final class FileLocations {
  private FileLocations() {}

  static List<FileLocation> of(List<Path> paths) {
    return List.copyOf(paths).stream().<FileLocation>map(FileLocation.Local::new).toList();
  }

  static FileLocation of(RemoteFile file, RandomAccessOptions options) {
    return new FileLocation.Remote(
        RemoteOpenings.of(file, options.readerOptions().remote()), index(file, options));
  }

  static List<FileLocation> of(Shards shards, RandomAccessOptions options) {
    return shards.list().stream().map(shard -> of(shard, options)).toList();
  }

  private static FileLocation of(Shard shard, RandomAccessOptions options) {
    return switch (shard) {
      case Shards.FileShard file -> new FileLocation.Local(file.path());
      case Shards.RemoteShard remote -> of(remote.file(), options);
      default ->
          throw new IllegalArgumentException(
              "random access needs files, and this shard is not a file: "
                  + QuotedText.name(shard.name()));
    };
  }

  private static @Nullable SavedIndexSource index(RemoteFile file, RandomAccessOptions options) {
    var indexes = options.remoteIndex().orElse(null);
    RemoteFile index = indexes == null ? null : indexes.apply(file);
    return index == null ? null : new RemoteIndex(index, RemoteOpenings.name(index), options);
  }

  private record RemoteIndex(RemoteFile file, String name, RandomAccessOptions options)
      implements SavedIndexSource {
    RemoteIndex {
      Objects.requireNonNull(file, "file");
    }

    @Override
    public IndexRecordFiles.Records open(IndexRecordFiles.Limits limits) throws IOException {
      return SavedIndex.open(file, limits, options.readerOptions().remote());
    }
  }
}
