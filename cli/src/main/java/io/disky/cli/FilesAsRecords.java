package io.disky.cli;

import io.disky.files.FileFailures;
import io.disky.files.QuotedText;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.SequenceInputStream;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;

/**
 * Uses each file as one record: the named files, and the files below the named directories.
 *
 * @param files files and directories, at least one
 * @param form how a file becomes a record
 * @param standardInput the input for {@code -} in {@code files}
 * @param err gets a message about each file that is left out
 */
record FilesAsRecords(
    List<FileArgument> files, FileRecords form, InputStream standardInput, PrintStream err)
    implements RecordsToWrite {
  private static final long READ_SIZE = 1L << 30;

  /**
   * An input of unknown size is kept in memory up to this many bytes; a larger one is copied to a
   * temporary file.
   */
  private static final int IN_MEMORY = 1 << 24;

  @Override
  public void writeTo(RecordSink sink, Progress progress) throws IOException {
    for (FileArgument file : files) {
      if (file.isStandard()) {
        writeStream(
            standardInput,
            "standard input",
            FileRecords.CONTENTS.frame(file.path()),
            sink,
            progress);
      } else if (Files.isDirectory(file.path())) {
        writeDirectory(file.path(), sink, progress);
      } else {
        BasicFileAttributes attributes =
            Files.readAttributes(file.path(), BasicFileAttributes.class);
        write(file.path(), attributes, sink, progress);
      }
    }
  }

  private void writeDirectory(Path directory, RecordSink sink, Progress progress)
      throws IOException {
    SortedFileTree.walk(
        directory,
        (file, attributes) -> {
          if (!sink.holds(file) && DataFiles.isData(file, err)) {
            write(file, attributes, sink, progress);
          }
        });
  }

  private void write(Path file, BasicFileAttributes attributes, RecordSink sink, Progress progress)
      throws IOException {
    FileRecords.Frame frame = form.frame(file);
    if (!attributes.isRegularFile() || attributes.size() == 0) {
      // A pipe, or a file whose contents the system generates on reading, as in /proc.
      try (InputStream in = Files.newInputStream(file)) {
        writeStream(in, QuotedText.name(file), frame, sink, progress);
      }
      return;
    }
    write(file, frame, sink);
    progress.stepBy(attributes.size());
  }

  private static void write(Path file, FileRecords.Frame frame, RecordSink sink)
      throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      int before = frame.before(size).length;
      sink.write(
          before + size + frame.after().length,
          slot -> frame.complete(slot, size, read(file, channel, slot.asSlice(before, size))));
    }
  }

  /** Writes all bytes of {@code in} as one record. Its size is not known in advance. */
  private static void writeStream(
      InputStream in, String name, FileRecords.Frame frame, RecordSink sink, Progress progress)
      throws IOException {
    byte[] begin = in.readNBytes(IN_MEMORY);
    if (begin.length < IN_MEMORY) {
      sink.write(frame.around(begin));
      progress.stepBy(begin.length);
      return;
    }
    InputStream all = new SequenceInputStream(new ByteArrayInputStream(begin), in);
    try (TemporaryFile copy = TemporaryFile.of(all, name)) {
      write(copy.path(), frame, sink);
      progress.stepBy(Files.size(copy.path()));
    }
  }

  /**
   * Fills {@code slot} from the file. Returns the number of bytes, which is smaller than the slot
   * if the file has become shorter.
   */
  private static long read(Path file, FileChannel channel, MemorySegment slot) throws IOException {
    long done = 0;
    try {
      int count = 0;
      while (done < slot.byteSize() && count >= 0) {
        done += count;
        long step = Math.min(slot.byteSize() - done, READ_SIZE);
        count = channel.read(slot.asSlice(done, step).asByteBuffer());
      }
      return done;
    } catch (IOException e) {
      throw FileFailures.other(file.toString(), e.getMessage());
    }
  }
}
