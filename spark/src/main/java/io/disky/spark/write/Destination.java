package io.disky.spark.write;

import io.disky.spark.files.LocalFiles;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The directory of a query, on the driver. It remembers which directories it has created, so that
 * these can be removed if the query fails.
 */
final class Destination {
  private static final String MARK_SUCCESS = "mapreduce.fileoutputcommitter.marksuccessfuljobs";
  private static final String SUCCESS = "_SUCCESS";

  private final FileSystem fileSystem;
  private final Path path;
  private final Configuration configuration;
  private final Set<Path> known = new HashSet<>();
  private final List<Path> created = new ArrayList<>();

  Destination(String path, Configuration configuration) throws IOException {
    Path given = new Path(path);
    this.fileSystem = given.getFileSystem(configuration);
    this.path = fileSystem.makeQualified(given);
    this.configuration = configuration;
  }

  FileSystem fileSystem() {
    return fileSystem;
  }

  /** The directory, with scheme and authority. */
  Path path() {
    return path;
  }

  Configuration configuration() {
    return configuration;
  }

  /** Creates the directory, if it does not exist. */
  void create() throws IOException {
    create(path);
  }

  /**
   * The directory of a partition, which exists then.
   *
   * @param partition the names of its directories, with {@code /} between them; empty for none
   */
  Path createPartition(String partition) throws IOException {
    for (Path directory : directories(partition)) {
      if (!known.contains(directory)) {
        create(directory);
      }
    }
    return partition.isEmpty() ? path : new Path(path, partition);
  }

  /** The directory of a partition, which someone else will create if it does not exist. */
  Path partition(String partition) throws IOException {
    for (Path directory : directories(partition)) {
      if (known.add(directory) && !isDirectory(directory)) {
        created.add(directory);
      }
    }
    return partition.isEmpty() ? path : new Path(path, partition);
  }

  private List<Path> directories(String partition) {
    List<Path> directories = new ArrayList<>();
    Path directory = path;
    for (String name : partition.isEmpty() ? new String[0] : partition.split("/")) {
      directory = new Path(directory, name);
      directories.add(directory);
    }
    return directories;
  }

  private void create(Path directory) throws IOException {
    if (!isDirectory(directory)) {
      if (!fileSystem.mkdirs(directory)) {
        throw new IOException(directory + ": the directory cannot be created");
      }
      created.add(directory);
    }
    known.add(directory);
  }

  private boolean isDirectory(Path directory) throws IOException {
    try {
      if (fileSystem.getFileStatus(directory).isDirectory()) {
        return true;
      }
    } catch (FileNotFoundException e) {
      return false;
    }
    throw new IOException(
        directory + ": this is a file; choose a directory, in which the query creates its files");
  }

  /** Removes the directories that were created, if they are empty. */
  void removeCreated() throws IOException {
    for (Path directory : created.reversed()) {
      removeIfEmpty(directory);
    }
    created.clear();
  }

  /** Removes a directory, unless something is in it. */
  void removeIfEmpty(Path directory) throws IOException {
    Optional<java.nio.file.Path> local = LocalFiles.path(fileSystem, directory);
    if (local.isPresent()) {
      try {
        Files.deleteIfExists(local.get());
      } catch (DirectoryNotEmptyException e) {
        return;
      }
    } else if (fileSystem.exists(directory) && fileSystem.listStatus(directory).length == 0) {
      // This fails if something has appeared meanwhile.
      fileSystem.delete(directory, false);
    }
  }

  /** Writes an empty file {@code _SUCCESS}, unless the configuration says not to. */
  void markSuccess() throws IOException {
    if (!configuration.getBoolean(MARK_SUCCESS, true)) {
      return;
    }
    Path marker = new Path(path, SUCCESS);
    Optional<java.nio.file.Path> local = LocalFiles.path(fileSystem, marker);
    if (local.isPresent()) {
      Files.write(local.get(), new byte[0]);
    } else {
      fileSystem.create(marker, true).close();
    }
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
