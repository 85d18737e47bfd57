package io.disky.spark.write;

import io.disky.spark.files.FileSelection;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The record files that are in the directory of a query before it, also in directories below it. A
 * file is a record file if it begins with the signature of one; names that begin with a dot or an
 * underscore are hidden. Other files belong to someone else.
 */
final class PresentFiles {
  /** The first bytes of every record file, as a little-endian number. */
  private static final long SIGNATURE = 0x3f4a_880d_d170_af83L;

  private final Destination destination;
  private final FileSystem fileSystem;
  private final List<Path> files;

  private PresentFiles(Destination destination, List<Path> files) {
    this.destination = destination;
    this.fileSystem = destination.fileSystem();
    this.files = files;
  }

  /** Looks for them. */
  static PresentFiles in(Destination destination) throws IOException {
    FileSystem fileSystem = destination.fileSystem();
    List<FileStatus> candidates = new ArrayList<>();
    list(fileSystem, destination.path(), candidates);
    List<Path> files = Collections.synchronizedList(new ArrayList<>());
    DriverThreads.forEach(
        candidates,
        candidate -> {
          if (isRecordFile(fileSystem, candidate)) {
            files.add(candidate.getPath());
          }
        });
    Collections.sort(files);
    return new PresentFiles(destination, files);
  }

  private static void list(FileSystem fileSystem, Path directory, List<FileStatus> files)
      throws IOException {
    FileStatus[] entries;
    try {
      entries = fileSystem.listStatus(directory);
    } catch (FileNotFoundException e) {
      return;
    }
    for (FileStatus entry : entries) {
      if (!FileSelection.isHidden(entry.getPath().getName())) {
        if (entry.isDirectory()) {
          list(fileSystem, entry.getPath(), files);
        } else {
          files.add(entry);
        }
      }
    }
  }

  private static boolean isRecordFile(FileSystem fileSystem, FileStatus file) throws IOException {
    if (file.getLen() < Long.BYTES) {
      return false;
    }
    byte[] begin = new byte[Long.BYTES];
    try (FSDataInputStream stream = fileSystem.open(file.getPath())) {
      stream.readFully(begin);
    } catch (EOFException | FileNotFoundException e) {
      return false;
    }
    return ByteBuffer.wrap(begin).order(ByteOrder.LITTLE_ENDIAN).getLong() == SIGNATURE;
  }

  /**
   * Checks that there are none.
   *
   * @throws IOException if there is one; the message names it
   */
  void checkNone() throws IOException {
    if (!files.isEmpty()) {
      throw new IOException(
          "disky: "
              + files.getFirst()
              + " exists"
              + (files.size() == 1 ? "" : " (and " + (files.size() - 1) + " more record files)")
              + ", and the option "
              + ShardOptions.FAIL_IF_EXISTS
              + " is true: choose another directory, or remove the option to add to these files");
    }
  }

  /**
   * Removes them, and the directories of partitions that are empty then. Does nothing about a file
   * that does not exist any more.
   *
   * @throws IOException if some cannot be removed; the message says so
   */
  void remove() throws IOException {
    try {
      DriverThreads.forEach(files, file -> fileSystem.delete(file, false));
      removeEmptyDirectories();
    } catch (IOException e) {
      throw new IOException(
          "disky: "
              + destination
              + ": the new files are complete, but old ones are left: readers find the records of"
              + " both. Write again with mode overwrite, or remove the old files",
          e);
    }
  }

  private void removeEmptyDirectories() throws IOException {
    Set<Path> directories =
        new TreeSet<>(
            Comparator.comparingInt(Path::depth)
                .reversed()
                .thenComparing(Comparator.naturalOrder()));
    for (Path file : files) {
      Path directory = file.getParent();
      while (!directory.equals(destination.path()) && directories.add(directory)) {
        directory = directory.getParent();
      }
    }
    for (Path directory : directories) {
      destination.removeIfEmpty(directory);
    }
  }
}
