package io.disky.cli;

import io.disky.files.QuotedText;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.PrintStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The files of a log, in the order in which they are written: those of a directory or of a pattern,
 * or one after the other those that have the same name. Looks for the next file while the current
 * one is followed.
 */
final class FollowedFiles {
  /** The time between two looks at the file system. */
  static final Duration INTERVAL = Duration.ofMillis(100);

  private final FileArgument argument;
  private boolean series; // a pattern, or a directory, which may appear later
  private final PrintStream err;
  private final Set<FileIdentity> taken = new HashSet<>();
  private @Nullable Path next;

  // The file that was returned last.
  private @Nullable Path current;
  private @Nullable FileIdentity currentIdentity;

  FollowedFiles(FileArgument argument, PrintStream err) {
    this.argument = argument;
    this.series = argument.isPattern();
    this.err = err;
  }

  /**
   * Waits for the next file and returns it.
   *
   * @throws InterruptedIOException if the thread is interrupted
   */
  RecordFile await() throws IOException {
    boolean told = !Progress.isTerminal();
    while (!isNextThere()) {
      if (!told) {
        Failure.print(argument + ": does not exist yet; waiting for it", err);
        told = true;
      }
      pause(INTERVAL, argument.path());
    }
    Path found = next == null ? argument.path() : next;
    next = null;
    FileIdentity identity = FileIdentity.of(found);
    if (identity != null) {
      taken.add(identity);
    }
    current = found;
    currentIdentity = identity;
    return new RecordFile(found.toString(), found);
  }

  /** Returns whether there is a file that {@link #await} has not returned yet. */
  boolean isNextThere() throws IOException {
    if (next == null) {
      next = find();
    }
    return next != null;
  }

  /** Returns whether the file that {@link #await} returned last still has its name. */
  boolean isStillThere() {
    return current != null
        && currentIdentity != null
        && currentIdentity.equals(FileIdentity.of(current));
  }

  private @Nullable Path find() throws IOException {
    series |= argument.isDirectory();
    for (Path file : series ? filesOfSeries() : List.of(argument.path())) {
      FileIdentity identity = FileIdentity.of(file);
      if (identity != null && !taken.contains(identity)) {
        return file;
      }
    }
    return null;
  }

  /** Without messages about files that are left out, which would be repeated at every look. */
  private List<Path> filesOfSeries() throws IOException {
    PrintStream nowhere = new PrintStream(PrintStream.nullOutputStream());
    Path directory = argument.isDirectory() ? argument.path() : argument.path().getParent();
    if (directory != null && !Files.isDirectory(directory)) {
      throw new IOException(QuotedText.name(directory) + ": no such directory");
    }
    try {
      return argument.files(nowhere).stream().map(FileArgument::path).toList();
    } catch (FileSystemException e) {
      return List.of(); // no file yet
    }
  }

  /**
   * Waits before the next look at {@code file}.
   *
   * @throws InterruptedIOException if the thread is interrupted
   */
  static void pause(Duration duration, Path file) throws InterruptedIOException {
    try {
      Thread.sleep(duration);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException interrupted =
          new InterruptedIOException(
              QuotedText.name(file) + ": interrupted while waiting for the file");
      interrupted.initCause(e);
      throw interrupted;
    }
  }
}
