package io.disky.cli;

import io.disky.ReaderOptions;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Shows on a terminal how far a command has come that examines files, several at a time. The
 * command prints its results meanwhile. Thread-safe.
 */
final class FilesProgress implements AutoCloseable {
  private final String task;
  private final StandardStreams streams;
  private final boolean isWanted;
  private long done;
  private @Nullable Progress progress;

  FilesProgress(String task, StandardStreams streams) {
    this.task = task;
    this.streams = streams;
    this.isWanted = Progress.isTerminal();
  }

  /** Returns whether the progress can be shown. Otherwise sizes of files need not be known. */
  boolean isWanted() {
    return isWanted;
  }

  /** Begins to show the progress of files that have {@code total} bytes together. */
  synchronized void begin(long total) {
    if (isWanted) {
      progress = new Progress(task, total, streams.err());
    }
  }

  /** The progress of a file that is examined next. */
  Part part() {
    return new Part();
  }

  /** Prints something. */
  @FunctionalInterface
  interface Printing {
    void run() throws IOException;
  }

  /** Prints while the progress is hidden. */
  synchronized void aside(Printing printing) throws IOException {
    if (progress == null) {
      printing.run();
    } else {
      progress.aside(printing);
    }
  }

  private synchronized void add(long bytes) {
    done += bytes;
    if (progress != null) {
      progress.stepTo(done);
    }
  }

  @Override
  public synchronized void close() {
    if (progress != null) {
      progress.close();
    }
  }

  /** The progress of one file, which one thread at a time examines. */
  final class Part {
    private long reached;

    /** {@code options} with which a reader reports its progress here, if that can be shown. */
    ReaderOptions on(ReaderOptions options) {
      return isWanted ? options.withProgressListener(this::at) : options;
    }

    /** Reports that {@code bytes} bytes of the file are done. */
    void at(long bytes) {
      if (isWanted) {
        add(bytes - reached);
        reached = bytes;
      }
    }

    /** Prints while the progress is hidden. */
    void aside(Printing printing) throws IOException {
      FilesProgress.this.aside(printing);
    }
  }
}
