package io.disky.cli;

import io.disky.CorruptFileException;
import io.disky.ReaderOptions;
import io.disky.RecordBatch;
import io.disky.RecordPosition;
import io.disky.RecordReader;
import io.disky.RecordWriter;
import io.disky.Repair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Prints the records of the files of a log, one file after the other, while they are written. A
 * crash can leave bytes at the end of the last file that are not a chunk, for example zeros. Then
 * this waits until the writer, when it starts again, cuts them off or begins the next file.
 */
final class FollowedLog {
  /** The time between two looks at a torn end. */
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final FollowedFiles files;
  private final StandardStreams streams;
  private final Printing printing;

  // The chunk whose records were printed last; none if negative.
  private long lastChunk = -1;
  // The position of the reader of the file.
  private long position;
  // Where damage was found that is not a torn end; nowhere if negative.
  private long doubted = -1;
  // The torn end that a message was printed about; none if negative.
  private long told = -1;

  /** How a command prints the records of a file. */
  interface Printing {
    /** The options with which it reads {@code file}. */
    ReaderOptions options(RecordFile file);

    /** The printer for the records of {@code reader}. */
    RecordPrinter printer(RecordReader reader) throws IOException;

    /** Returns whether it prints further records. */
    boolean wantsMore();

    /** Prints the records of a chunk. */
    void print(RecordBatch batch, RecordPrinter printer) throws IOException;
  }

  FollowedLog(FollowedFiles files, StandardStreams streams, Printing printing) {
    this.files = files;
    this.streams = streams;
    this.printing = printing;
  }

  /** Prints until the command wants no more records, or until interrupted. */
  void print() throws IOException {
    while (printing.wantsMore()) {
      RecordFile file = files.await();
      streams.checkIsNotOutput(FileArgument.of(file.path()));
      lastChunk = -1;
      position = 0;
      doubted = -1;
      told = -1;
      follow(file);
      printRest(file);
    }
  }

  /** Prints the records of a file until the next file exists. */
  private void follow(RecordFile file) throws IOException {
    // This class waits, not the reader, because at the end of an ArrayRecord no reader waits.
    ReaderOptions options =
        printing.options(file).withFollow(true).withFollowTimeout(Duration.ZERO);
    boolean ended = false;
    while (printing.wantsMore() && !ended) {
      try (RecordReader reader = file.open(options)) {
        RecordPrinter printer = printing.printer(reader);
        goOn(reader);
        while (printing.wantsMore() && !ended) {
          // The writer completes a file before it begins the next one. So if the next file exists,
          // all records are readable now.
          ended = files.isNextThere();
          printAvailable(reader, printer);
          if (printing.wantsMore() && !ended) {
            FollowedFiles.pause(FollowedFiles.INTERVAL, file.path());
          }
        }
      } catch (CorruptFileException e) {
        ended = awaitRepair(file.path(), e);
      }
    }
  }

  /**
   * Moves after the last chunk that was printed.
   *
   * @throws IOException if the file was replaced, or cut before that chunk
   */
  private void goOn(RecordReader reader) throws IOException {
    if (lastChunk < 0) {
      return;
    }
    try {
      reader.seek(new RecordPosition(lastChunk, 0));
      RecordBatch printed = reader.nextBatch();
      if (printed != null) {
        printed.close();
      }
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage() + "; the file was changed while it was followed", e);
    }
  }

  private void printAvailable(RecordReader reader, RecordPrinter printer) throws IOException {
    while (printing.wantsMore() && printNext(reader, printer)) {}
    position = reader.position().chunkBegin();
  }

  /** Prints the records of the next chunk; returns false if there is none now. */
  private boolean printNext(RecordReader reader, RecordPrinter printer) throws IOException {
    try (RecordBatch batch = reader.nextBatch()) {
      if (batch == null) {
        return false;
      }
      printing.print(batch, printer);
      lastChunk = batch.chunkBegin();
      return true;
    }
  }

  /**
   * Waits while the end of the file at {@code path} is torn.
   *
   * @return whether the next file exists, so that this one is complete
   * @throws CorruptFileException {@code damage}, if it is not a torn end
   */
  private boolean awaitRepair(Path path, CorruptFileException damage) throws IOException {
    boolean ended = files.isNextThere();
    boolean torn = isTorn(path, damage);
    if (!torn && !ended) {
      // The end may have been cut off before it was examined: read again, but only once.
      if (doubted == damage.position()
          || damage.damage() == CorruptFileException.Damage.TRUNCATED) {
        throw damage;
      }
      doubted = damage.position();
    }
    while (torn && !ended) {
      if (told != damage.position()) {
        told = damage.position();
        Failure.print(
            damage.getMessage() + "; waiting until its writer cuts it off or begins another file",
            streams.err());
      }
      FollowedFiles.pause(PAUSE, path);
      ended = files.isNextThere();
      torn = isTorn(path, damage);
    }
    if (ended && !files.isStillThere()) {
      throw damage; // the name now belongs to another file
    }
    return ended;
  }

  private static boolean isTorn(Path path, CorruptFileException damage) throws IOException {
    for (boolean again = false; true; again = true) {
      try {
        Optional<Repair> tail = RecordWriter.findTornTail(path);
        return tail.isPresent() && tail.get().sizeAfter() <= damage.position();
      } catch (IOException | IllegalArgumentException e) {
        if (again) {
          damage.addSuppressed(e);
          throw damage; // no cut repairs the file, or it does not exist any more
        }
        // A writer may be cutting or continuing the file at this moment.
        FollowedFiles.pause(FollowedFiles.INTERVAL, path);
      }
    }
  }

  /**
   * Prints the remaining records of a complete file, and fails if its end is damaged. The reader
   * that follows the file waits for chunks that are not complete instead.
   */
  private void printRest(RecordFile file) throws IOException {
    if (!printing.wantsMore() || !files.isStillThere() || position >= Files.size(file.path())) {
      return;
    }
    try (RecordReader reader = file.open(printing.options(file).withFollow(false))) {
      RecordPrinter printer = printing.printer(reader);
      goOn(reader);
      printAvailable(reader, printer);
    }
  }
}
