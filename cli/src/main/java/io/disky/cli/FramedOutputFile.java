package io.disky.cli;

import io.disky.SlotWriter;
import io.disky.files.FileFailures;
import io.disky.formats.FramedReaderOptions;
import io.disky.formats.FramedRecordWriter;
import io.disky.formats.Framing;
import io.disky.formats.StreamCompression;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Predicate;

/**
 * A file in another format that a command writes. A regular file gets its name only when it is
 * complete and on the disk; until then it has a hidden name. If the command fails, or a signal ends
 * it, the hidden file is removed and an earlier file stays unchanged.
 *
 * @param force whether an existing file is replaced
 */
record FramedOutputFile(
    FileArgument file,
    Framing framing,
    StreamCompression compression,
    boolean force,
    StandardStreams streams) {
  /**
   * Writes all of {@code records}.
   *
   * @param task the name of the task in the display of the progress
   */
  void write(String task, RecordsToWrite records) throws IOException {
    try (Progress progress = new Progress(task, records.size(), streams.err())) {
      if (file.isStandard()) {
        streams.out().endWithReader();
        try (TemporaryFile copy = TemporaryFile.create("the temporary file for standard output")) {
          write(records, progress, copy.path());
          streams.out().copy(copy.path());
        }
      } else if (Files.exists(file.path()) && !Files.isRegularFile(file.path())) {
        write(records, progress, file.path()); // a device or a pipe
      } else {
        checkIsNew();
        streams
            .unfinished()
            .write(
                () -> HiddenFile.create(place()),
                hidden -> {
                  write(records, progress, hidden.path());
                  hidden.publish(force);
                  return hidden;
                });
      }
    }
  }

  private void checkIsNew() throws IOException {
    if (!force && Files.exists(file.path())) {
      throw FileFailures.alreadyExists(file.path(), "exists already; --force overwrites it");
    }
  }

  /** The path of the file, without symbolic links if it exists. */
  private Path place() throws IOException {
    return Files.exists(file.path()) ? file.path().toRealPath() : file.path().toAbsolutePath();
  }

  private void write(RecordsToWrite records, Progress progress, Path path) throws IOException {
    FileIdentity own = FileIdentity.of(path);
    Predicate<Path> isOutput = read -> (own != null && own.isOf(read)) || isSameAs(read);
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE);
        OutputStream out = Channels.newOutputStream(channel);
        FramedRecordWriter writer =
            FramedRecordWriter.open(new Unclosed(out), framing, compression)) {
      records.writeTo(new Sink(writer, isOutput), progress);
      writer.close();
      if (own != null) {
        channel.force(true);
      }
    }
  }

  private boolean isSameAs(Path read) {
    FileIdentity identity = FileIdentity.of(read);
    return identity != null
        && (file.isStandard() ? streams.out().isFile(identity) : identity.isOf(file.path()));
  }

  /** A stream that stays open when the writer is closed, so that its bytes can be forced. */
  private static final class Unclosed extends OutputStream {
    private final OutputStream out;

    Unclosed(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int value) throws IOException {
      out.write(value);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
    }
  }

  /** Takes the records. */
  private record Sink(FramedRecordWriter writer, Predicate<Path> ends) implements RecordSink {
    @Override
    public void write(byte[] array, int offset, int length) throws IOException {
      writer.write(MemorySegment.ofArray(array).asSlice(offset, length));
    }

    @Override
    public void write(MemorySegment record) throws IOException {
      if (record.byteSize() > FramedReaderOptions.MAX_RECORD_SIZE) {
        throw new IOException(
            "a record of " + record.byteSize() + " bytes is too large for this format");
      }
      writer.write(record);
    }

    @Override
    public void write(long maxSize, SlotWriter contents) throws IOException {
      throw new UnsupportedOperationException("conversions write complete records");
    }

    @Override
    public boolean holds(Path file) {
      return ends.test(file);
    }
  }
}
