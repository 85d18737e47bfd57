package io.disky.cli;

import io.disky.DerivedFile;
import io.disky.OpenMode;
import io.disky.RecordBatch;
import io.disky.RecordFileException;
import io.disky.RecordReader;
import io.disky.RecordWriter;
import io.disky.WriterOptions;
import io.disky.files.FileFailures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;

/** Writes saved indexes to a store, next to their files. */
final class IndexUpload {
  private final FileArgument index;
  private final StandardStreams streams;

  private IndexUpload(FileArgument index, StandardStreams streams) {
    this.index = index;
    this.streams = streams;
  }

  /**
   * The upload of the index of {@code file}.
   *
   * @throws RefusedAddressException if nothing can be written next to {@code file}
   */
  static IndexUpload of(FileArgument file, StandardStreams streams) throws RefusedAddressException {
    FileArgument index = StoredIndex.argument(file);
    String scheme = Objects.requireNonNull(file.address()).getScheme();
    if (index == null || scheme.regionMatches(true, 0, "http", 0, 4)) {
      throw refused(file);
    }
    return new IndexUpload(index, streams);
  }

  private static RefusedAddressException refused(FileArgument file) {
    return new RefusedAddressException(
        file.name(),
        "an index cannot be written next to this file; --directory saves it in a local directory");
  }

  FileArgument index() {
    return index;
  }

  /** Writes the local file {@code saved}, chunk by chunk, and replaces an earlier index. */
  void write(Path saved) throws IOException {
    checkReplaceable();
    WriterOptions options = WriterOptions.defaults().withOpenMode(OpenMode.OVERWRITE);
    String name =
        streams
            .unfinished()
            .write(
                () -> open(options),
                begun -> {
                  begun.write(
                      RecordSink.of(begun.writer(), read -> false),
                      (sink, progress) -> copy(saved, begun.writer()),
                      Progress.none(streams.err()));
                  return index.name();
                });
    assert name.equals(index.name());
  }

  private UnfinishedUpload open(WriterOptions options) throws IOException {
    try {
      return UnfinishedUpload.open(
          streams.stores().of(index), Objects.requireNonNull(index.address()), true, options);
    } catch (UnsupportedOperationException e) {
      throw refused(index);
    }
  }

  /** The header of an index has a chunk by itself. */
  private static void copy(Path saved, RecordWriter writer) throws IOException {
    try (RecordReader reader = RecordReader.open(saved)) {
      while (copyChunk(reader, writer)) {}
    }
  }

  private static boolean copyChunk(RecordReader reader, RecordWriter writer) throws IOException {
    try (RecordBatch batch = reader.nextBatch()) {
      if (batch == null) {
        return false;
      }
      writer.write(batch);
      writer.flush();
      return true;
    }
  }

  private void checkReplaceable() throws IOException {
    Path begin = Files.createTempFile("disky-index", "");
    try {
      if (exists(begin) && !isIndex(begin)) {
        throw FileFailures.alreadyExists(
            index.name(),
            "exists already, and is not a saved index; --directory saves the index"
                + " in a local directory");
      }
    } finally {
      Files.delete(begin);
    }
  }

  /** Copies the first chunk of the existing file to {@code begin}. */
  private boolean exists(Path begin) throws IOException {
    WriterOptions options = WriterOptions.defaults().withOpenMode(OpenMode.OVERWRITE);
    try (RecordReader reader = RecordReader.open(streams.stores().file(index));
        RecordWriter writer = RecordWriter.open(begin, options);
        RecordBatch first = reader.nextBatch()) {
      if (first != null) {
        writer.write(first);
      }
      return true;
    } catch (NoSuchFileException e) {
      return false;
    } catch (RecordFileException e) {
      return true; // and begin is empty
    }
  }

  private static boolean isIndex(Path begin) {
    return DerivedFile.of(begin).orElse(null) == DerivedFile.SAVED_INDEX;
  }
}
