package io.disky.spark.write;

import io.disky.RecordWriter;
import io.disky.WriterOptions;
import io.disky.spark.files.HadoopSettings;
import io.disky.spark.files.LocalFiles;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;

/** Puts the files of an attempt into the staging directory, from which the driver renames them. */
final class StagedTaskFiles implements TaskFiles {
  /** Makes them for the attempts of a query. */
  static final class Factory implements TaskFiles.Factory {
    private static final long serialVersionUID = 1;

    private final HadoopSettings settings;
    private final StagingDirectory staging;
    private final ShardOptions options;

    Factory(HadoopSettings settings, StagingDirectory staging, ShardOptions options) {
      this.settings = settings;
      this.staging = staging;
      this.options = options;
    }

    @Override
    public TaskFiles forAttempt(int partitionId, long taskId) throws IOException {
      FileSystem fileSystem = staging.path().getFileSystem(settings.inTask());
      return new StagedTaskFiles(fileSystem, staging, options, partitionId, taskId);
    }
  }

  private final FileSystem fileSystem;
  private final StagingDirectory staging;
  private final ShardOptions options;
  private final int partitionId;
  private final long taskId;

  StagedTaskFiles(
      FileSystem fileSystem,
      StagingDirectory staging,
      ShardOptions options,
      int partitionId,
      long taskId) {
    this.fileSystem = fileSystem;
    this.staging = staging;
    this.options = options;
    this.partitionId = partitionId;
    this.taskId = taskId;
  }

  @Override
  public ShardWriter open(String partition, int sequence) throws IOException {
    Path path = staging.file(partitionId, taskId, sequence);
    WriterOptions writerOptions = options.writerOptions();
    Optional<java.nio.file.Path> local = LocalFiles.path(fileSystem, path);
    try {
      if (local.isPresent()) {
        RecordWriter writer = RecordWriter.open(local.get(), writerOptions);
        return new ShardWriter(path, partition, writer, null, options);
      }
      FSDataOutputStream stream = create(path);
      return ShardWriter.toStream(path, partition, stream, options);
    } catch (NoSuchFileException | FileNotFoundException e) {
      throw noDirectory(e);
    }
  }

  /** Creates a file, but not its directory, if the file system can do that. */
  private FSDataOutputStream create(Path path) throws IOException {
    try {
      return fileSystem.createFile(path).overwrite(false).build();
    } catch (IOException | UnsupportedOperationException e) {
      if (!staging.isActive(fileSystem)) {
        throw noDirectory(e);
      }
      return fileSystem.create(path, false);
    }
  }

  private IOException noDirectory(@Nullable Exception cause) {
    return new IOException(
        staging
            + ": this staging directory, which the driver has created, does not exist: the query"
            + " has ended, or this executor and the driver do not share the file system; then"
            + " choose a path that all machines share",
        cause);
  }

  @Override
  public WrittenFile complete(ShardWriter file) throws IOException {
    WrittenFile complete = file.complete();
    boolean isLocal = LocalFiles.path(fileSystem, file.path()).isPresent();
    // A local file in a directory that was removed is gone.
    if (!isLocal && !staging.isActive(fileSystem)) {
      remove(file.path());
      throw noDirectory(null);
    }
    return complete;
  }

  @Override
  public void remove(Path file) throws IOException {
    fileSystem.delete(file, false);
    if (!staging.isActive(fileSystem)) {
      // The file may have brought the directory back.
      fileSystem.delete(staging.path(), true);
    }
  }

  @Override
  public void abort() {}
}
