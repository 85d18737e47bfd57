package io.disky.spark.files;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.function.Predicate;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.BlockLocation;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.jspecify.annotations.Nullable;

/**
 * Finds the files of a query, on the driver. Directories of partition columns that the query does
 * not need are not listed.
 */
public final class FileListing {
  private static final int MAX_THREADS = 16;
  private static final ThreadFactory THREADS =
      Thread.ofPlatform().daemon().name("disky-listing-", 0).factory();

  private final Configuration configuration;
  private final FileSelection selection;
  private final PartitionColumns columns;
  private final Predicate<PartitionKey> needed;
  private final boolean ignoreMissing;

  /** A directory whose files are to be found. */
  private record Directory(FileSystem system, Path path, PartitionKey key) {}

  /** What one or more directories contain. */
  private record Contents(List<FoundFile> files, List<Directory> directories) {
    Contents() {
      this(new ArrayList<>(), new ArrayList<>());
    }

    void add(Contents other) {
      files.addAll(other.files);
      directories.addAll(other.directories);
    }
  }

  /**
   * @param needed whether a directory with these values is needed; values that its path does not
   *     state are not known
   * @param ignoreMissing whether a path that does not exist has no files, and is not an error
   */
  public FileListing(
      Configuration configuration,
      FileSelection selection,
      PartitionColumns columns,
      Predicate<PartitionKey> needed,
      boolean ignoreMissing) {
    this.configuration = configuration;
    this.selection = selection;
    this.columns = columns;
    this.needed = needed;
    this.ignoreMissing = ignoreMissing;
  }

  /**
   * The files at {@code paths}, each of which is a file, a directory or a pattern of either.
   *
   * @throws FileNotFoundException if a path does not exist, or a pattern matches nothing
   * @throws IOException if a directory cannot be listed
   * @throws IllegalArgumentException if a directory has the name of a partition column that no
   *     option names, or a file is in no directory of a column that one names
   */
  public List<FoundFile> files(List<String> paths) throws IOException {
    Contents found = new Contents();
    for (String path : paths) {
      found.add(root(new Path(path)));
    }
    List<FoundFile> files = found.files;
    List<Directory> level = found.directories;
    while (!level.isEmpty()) {
      Contents contents = list(level);
      files.addAll(contents.files);
      level = contents.directories;
    }
    return files;
  }

  private Contents root(Path path) throws IOException {
    FileSystem system = path.getFileSystem(configuration);
    Path qualified = path.makeQualified(system.getUri(), system.getWorkingDirectory());
    Contents found = new Contents();
    for (FileStatus status : matches(system, qualified)) {
      checkWildcards(qualified, status.getPath());
      PartitionKey key = key(status.getPath());
      if (status.isFile()) {
        add(system, status, key, found);
      } else if (needed.test(key)) {
        found.directories.add(new Directory(system, status.getPath(), key));
      }
    }
    return found;
  }

  private List<FileStatus> matches(FileSystem system, Path path) throws IOException {
    if (isPattern(path.toUri().getPath())) {
      FileStatus[] matches = system.globStatus(path);
      if (matches != null && matches.length > 0) {
        return Arrays.stream(matches)
            .filter(match -> !isHiddenMatch(path, match.getPath()))
            .toList();
      }
    }
    try {
      return List.of(system.getFileStatus(path));
    } catch (FileNotFoundException e) {
      if (ignoreMissing) {
        return List.of();
      }
      FileNotFoundException failure =
          new FileNotFoundException(
              "disky: " + path + ": no such file or directory, and no file matches it");
      failure.initCause(e);
      throw failure;
    }
  }

  private static boolean isPattern(String path) {
    return path.chars().anyMatch(c -> "{}[]*?\\".indexOf(c) >= 0);
  }

  /** Whether a wildcard, not the user, has chosen a hidden name. */
  private static boolean isHiddenMatch(Path pattern, Path match) {
    return FileSelection.isHidden(match.getName()) && isPattern(pattern.getName());
  }

  /** Wildcards that match directories of partition columns must not lose the columns. */
  private void checkWildcards(Path pattern, Path match) {
    Path patternPart = pattern;
    for (Path part = match; part != null && patternPart != null; part = part.getParent()) {
      if (isPattern(patternPart.getName())) {
        PartitionDirectory.parse(part.getName())
            .ifPresent(directory -> checkNamed(match, directory));
      }
      patternPart = patternPart.getParent();
    }
  }

  private void checkNamed(Path path, PartitionDirectory directory) {
    if (!selection.isRecursive() && columns.indexOf(directory.column()) < 0) {
      throw new IllegalArgumentException(
          "disky: "
              + path
              + ": the directory "
              + directory.name()
              + " states the value of a column that is not named; add the option "
              + PartitionColumns.OPTION
              + " = \""
              + (columns.isEmpty() ? "" : String.join(",", columns.schema().names()) + ",")
              + directory.column()
              + "\", or recursiveFileLookup = true to read the files without the column");
    }
  }

  /** The values that the names of the directories of {@code path} state. */
  private PartitionKey key(Path path) {
    PartitionKey key = PartitionKey.unknown(columns.count());
    if (columns.isEmpty()) {
      return key;
    }
    for (Path part : fromRoot(path)) {
      key = with(key, part.getName());
    }
    return key;
  }

  private static List<Path> fromRoot(Path path) {
    List<Path> parts = new ArrayList<>();
    for (Path part = path; part != null; part = part.getParent()) {
      parts.addFirst(part);
    }
    return parts;
  }

  private PartitionKey with(PartitionKey key, String name) {
    Optional<PartitionDirectory> directory = PartitionDirectory.parse(name);
    int index = directory.isEmpty() ? -1 : columns.indexOf(directory.get().column());
    return index < 0 ? key : key.with(index, columns.fields().get(index), directory.get().value());
  }

  private Contents list(List<Directory> level) throws IOException {
    if (level.size() == 1) {
      return list(level.getFirst());
    }
    Contents contents = new Contents();
    int threads = Math.min(MAX_THREADS, level.size());
    try (ExecutorService executor = Executors.newFixedThreadPool(threads, THREADS)) {
      try {
        List<Callable<Contents>> tasks = new ArrayList<>();
        for (Directory directory : level) {
          tasks.add(() -> list(directory));
        }
        for (Future<Contents> task : executor.invokeAll(tasks)) {
          contents.add(result(task));
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while listing directories");
      } finally {
        executor.shutdownNow();
      }
    }
    return contents;
  }

  private static Contents result(Future<Contents> task) throws IOException, InterruptedException {
    try {
      return task.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException failure -> throw failure;
        case RuntimeException failure -> throw failure;
        case Error failure -> throw failure;
        case null, default -> throw new IOException(e);
      }
    }
  }

  private Contents list(Directory directory) throws IOException {
    List<FileStatus> statuses = new ArrayList<>();
    try {
      RemoteIterator<? extends FileStatus> listed = statuses(directory);
      while (listed.hasNext()) {
        statuses.add(listed.next());
      }
    } catch (FileNotFoundException e) {
      if (ignoreMissing) {
        return new Contents();
      }
      throw e;
    }
    statuses.sort(null); // Some file systems list in any order.
    Set<String> names = new HashSet<>();
    statuses.forEach(status -> names.add(status.getPath().getName()));
    Contents contents = new Contents();
    for (FileStatus status : statuses) {
      String name = status.getPath().getName();
      if (FileSelection.isHidden(name)) {
        continue;
      }
      if (status.isDirectory()) {
        descend(directory, status.getPath(), contents);
      } else if (!SavedIndexes.contain(directory.system, status.getPath(), names)) {
        add(directory.system, status, directory.key, contents);
      }
    }
    return contents;
  }

  /** With the hosts of each file; for local files Hadoop would start a process for each of them. */
  private static RemoteIterator<? extends FileStatus> statuses(Directory directory)
      throws IOException {
    return LocalFiles.are(directory.system)
        ? directory.system.listStatusIterator(directory.path)
        : directory.system.listLocatedStatus(directory.path);
  }

  private void descend(Directory directory, Path child, Contents contents) {
    Optional<PartitionDirectory> partition = PartitionDirectory.parse(child.getName());
    partition.ifPresent(stated -> checkNamed(child, stated));
    PartitionKey key = with(directory.key, child.getName());
    if ((partition.isPresent() || selection.isRecursive()) && needed.test(key)) {
      contents.directories.add(new Directory(directory.system, child, key));
    }
  }

  private void add(FileSystem system, FileStatus file, PartitionKey key, Contents contents) {
    if (!selection.selects(file)) {
      return;
    }
    int unknown = key.firstUnknown();
    if (unknown >= 0) {
      throw new IllegalArgumentException(
          "disky: "
              + file.getPath()
              + ": the file is in no directory "
              + columns.fields().get(unknown).name()
              + "=…, but the option "
              + PartitionColumns.OPTION
              + " or the schema names this column");
    }
    if (needed.test(key)) {
      contents.files.add(
          new FoundFile(
              file.getPath(),
              LocalFiles.are(system),
              file.getLen(),
              file.getModificationTime(),
              key,
              blocks(file)));
    }
  }

  private static List<BlockLocation> blocks(FileStatus file) {
    BlockLocation @Nullable [] blocks =
        file instanceof LocatedFileStatus located ? located.getBlockLocations() : null;
    return blocks == null ? List.of() : List.of(blocks);
  }
}
