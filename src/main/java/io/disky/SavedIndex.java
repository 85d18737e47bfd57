package io.disky;

import io.disky.random.IndexRecordFiles;
import io.disky.remote.RemoteFile;
import io.disky.remote.RemoteOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link RandomAccessReader} uses saved indexes. A saved index is used only if it was made
 * from this very file: size, time of the last change and last chunk are compared; of a remote file,
 * size and version. An index of another file, and a damaged index, is ignored; the logger {@code
 * io.disky} reports it.
 */
public enum SavedIndex {
  /** Does not look for a saved index. */
  IGNORE,
  /** Uses a saved index if there is one. */
  LOAD,
  /**
   * Uses a saved index if there is one. Otherwise, if the index was made from the chunk headers,
   * saves it. If that fails, the logger {@code io.disky} reports it and the reader is opened all
   * the same.
   */
  LOAD_OR_SAVE;

  static final IndexRecordFiles RECORD_FILES = new RecordFiles();

  private static final class RecordFiles implements IndexRecordFiles {
    @Override
    public Records open(Path path, Limits limits) throws IOException {
      return new OpenRecords(RecordReader.open(path, options(limits)));
    }

    @Override
    public void write(Path path, long chunkSize, ByteBuffer first, Iterator<ByteBuffer> rest)
        throws IOException {
      WriterOptions overwrite =
          WriterOptions.defaults().withOpenMode(OpenMode.OVERWRITE).withChunkSize(chunkSize);
      try (RecordWriter writer = RecordWriter.open(path, overwrite)) {
        writer.write(first);
        writer.flush();
        while (rest.hasNext()) {
          writer.write(rest.next());
        }
      }
    }
  }

  /** Opens a saved index that is a remote file. */
  static IndexRecordFiles.Records open(
      RemoteFile index, IndexRecordFiles.Limits limits, RemoteOptions remote) throws IOException {
    return new OpenRecords(RecordReader.open(index, options(limits).withRemote(remote)));
  }

  private static ReaderOptions options(IndexRecordFiles.Limits limits) {
    return ReaderOptions.defaults()
        .withMaxChunkSize(limits.maxChunkSize())
        .withMaxRecordSize(limits.maxRecordSize())
        .withMaxRecordsPerChunk(limits.maxRecordsPerChunk());
  }

  private static final class OpenRecords implements IndexRecordFiles.Records {
    private final RecordReader reader;
    private final Iterator<MemorySegment> records;

    OpenRecords(RecordReader reader) {
      this.reader = reader;
      this.records = reader.iterator();
    }

    @Override
    public long fileSize() throws IOException {
      return reader.fileSize();
    }

    @Override
    public @Nullable MemorySegment next() throws IOException {
      try {
        return records.hasNext() ? records.next() : null;
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
    }

    @Override
    public void close() throws IOException {
      reader.close();
    }
  }
}
