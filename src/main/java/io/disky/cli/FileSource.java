package io.disky.cli;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;

/**
 * Whole files as records: the named ones, and those in the named directories.
 *
 * @param files where from, at least one
 * @param standardInput what {@code -} among them means
 */
record FileSource(List<FileArgument> files, InputStream standardInput) implements RecordSource {
  private static final long READ_SIZE = 1L << 30;

  @Override
  public void writeTo(RecordSink sink, Progress progress) throws IOException {
    for (FileArgument file : files) {
      if (file.isStandard()) {
        sink.write(standardInput.readAllBytes());
      } else if (Files.isDirectory(file.path())) {
        writeDirectory(file.path(), sink, progress);
      } else {
        BasicFileAttributes attributes =
            Files.readAttributes(file.path(), BasicFileAttributes.class);
        write(file.path(), attributes, sink, progress);
      }
    }
  }

  private static void writeDirectory(Path directory, RecordSink sink, Progress progress)
      throws IOException {
    SortedFileTree.walk(
        directory,
        (file, attributes) -> {
          if (!sink.holds(file)) {
            write(file, attributes, sink, progress);
          }
        });
  }

  private static void write(
      Path file, BasicFileAttributes attributes, RecordSink sink, Progress progress)
      throws IOException {
    if (attributes.isRegularFile() && attributes.size() > 0) {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
        sink.write(channel.size(), slot -> read(file, channel, slot));
      }
    } else { // a pipe, or a file whose contents are made when it is read
      sink.write(Files.readAllBytes(file));
    }
    progress.stepBy(attributes.size());
  }

  /** Fills {@code slot}; not wholly if the file has become shorter. */
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
      throw new FileSystemException(file.toString(), null, e.getMessage());
    }
  }
}
