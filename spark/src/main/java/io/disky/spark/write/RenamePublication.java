package io.disky.spark.write;

import io.disky.spark.files.HadoopSettings;
import io.disky.spark.files.LocalFiles;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Tasks write to a staging directory; the driver renames their files into the directory of the
 * query. On local disks and HDFS, where a file never takes the name of another one, the names are
 * numbered without gaps; elsewhere they are unique.
 */
final class RenamePublication implements Publication {
  private static final String HDFS = "hdfs";

  private final Destination destination;
  private final FileSystem fileSystem;
  private final StagingDirectory staging;
  private final TaskFiles.Factory taskFiles;
  private final ShardNumbers numbers;
  private final UniqueNames uniqueNames;
  private final PublishedFiles published;

  RenamePublication(
      Destination destination,
      String queryId,
      UniqueNames uniqueNames,
      ShardOptions options,
      HadoopSettings settings) {
    this.destination = destination;
    this.fileSystem = destination.fileSystem();
    this.staging = new StagingDirectory(destination.path(), queryId);
    this.taskFiles = new StagedTaskFiles.Factory(settings, staging, options);
    this.numbers = new ShardNumbers(fileSystem, options.prefix());
    this.uniqueNames = uniqueNames;
    this.published = new PublishedFiles(fileSystem);
  }

  @Override
  public void begin() throws IOException {
    destination.create();
    staging.create(fileSystem);
  }

  @Override
  public TaskFiles.Factory taskFiles() {
    return taskFiles;
  }

  @Override
  public void publish(List<WrittenFiles> tasks) throws IOException {
    for (WrittenFiles task : tasks) {
      int sequence = 0;
      for (WrittenFile file : task.files()) {
        Path directory = destination.createPartition(file.partition());
        String uniqueName = uniqueNames.name(task.partitionId(), sequence++);
        publish(new Path(file.path()), directory, uniqueName);
      }
    }
  }

  private void publish(Path staged, Path directory, String uniqueName) throws IOException {
    Optional<java.nio.file.Path> local = LocalFiles.path(fileSystem, staged);
    if (local.isPresent()) {
      renameLocal(staged, local.get(), directory);
    } else if (HDFS.equals(fileSystem.getScheme())) {
      renameToNextNumber(staged, directory);
    } else {
      renameToUniqueName(staged, new Path(directory, uniqueName));
    }
  }

  private void renameLocal(Path staged, java.nio.file.Path local, Path directory)
      throws IOException {
    while (true) {
      Path target = numbers.next(directory);
      if (LocalRenaming.rename(local, LocalFiles.path(fileSystem, target).orElseThrow())) {
        published.add(target);
        return;
      }
      checkTaken(staged, target);
    }
  }

  private void renameToNextNumber(Path staged, Path directory) throws IOException {
    while (true) {
      Path target = numbers.next(directory);
      if (hasRenamed(staged, target)) {
        published.add(target);
        return;
      }
      checkTaken(staged, target);
    }
  }

  /** A request can succeed although its answer is lost: then the staged file is gone. */
  private boolean hasRenamed(Path staged, Path target) throws IOException {
    try {
      return fileSystem.rename(staged, target);
    } catch (IOException e) {
      if (fileSystem.exists(staged)) {
        throw e;
      }
      return true;
    }
  }

  private void checkTaken(Path staged, Path target) throws IOException {
    if (!fileSystem.exists(target)) {
      throw notRenamed(staged, target);
    }
  }

  private void renameToUniqueName(Path staged, Path target) throws IOException {
    // Even if renaming fails, a part of the file can be there.
    published.add(target);
    if (!fileSystem.rename(staged, target)) {
      throw notRenamed(staged, target);
    }
  }

  private IOException notRenamed(Path staged, Path target) throws IOException {
    return new IOException(
        fileSystem.exists(staged)
            ? staged + ": the file system did not rename this file to " + target
            : staged
                + ": this file, which a task has written, does not exist on the driver; the driver"
                + " and the executors must share the file system");
  }

  @Override
  public void markSuccess() throws IOException {
    destination.markSuccess();
  }

  @Override
  public void rollBack() throws IOException {
    IOException failure = published.remove(null);
    try {
      cleanUp();
      destination.removeCreated();
    } catch (IOException e) {
      failure = Failures.add(failure, e);
    }
    if (failure != null) {
      throw failure;
    }
  }

  @Override
  public void cleanUp() throws IOException {
    staging.remove(fileSystem);
  }
}
