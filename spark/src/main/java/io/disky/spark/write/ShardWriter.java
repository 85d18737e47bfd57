package io.disky.spark.write;

import io.disky.RecordWriter;
import java.io.IOException;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;

/** A file that a task is writing. It belongs to the thread of the task. */
final class ShardWriter {
  private final Path path;
  private final String partition;
  private final RecordWriter writer;
  private final @Nullable FSDataOutputStream stream;
  private final ShardOptions options;
  private long nextLook;
  private long size;

  /**
   * @param partition the directories of the partition of all its records
   * @param stream where {@code writer} writes; {@code null} if it writes to a local file itself
   */
  ShardWriter(
      Path path,
      String partition,
      RecordWriter writer,
      @Nullable FSDataOutputStream stream,
      ShardOptions options) {
    this.path = path;
    this.partition = partition;
    this.writer = writer;
    this.stream = stream;
    this.options = options;
  }

  /** Writes a file to a stream, which is closed in any case. */
  static ShardWriter toStream(
      Path path, String partition, FSDataOutputStream stream, ShardOptions options)
      throws IOException {
    try {
      RecordWriter writer = RecordWriter.open(stream, options.writerOptions());
      return new ShardWriter(path, partition, writer, stream, options);
    } catch (Throwable e) {
      try {
        stream.close();
      } catch (IOException closing) {
        e.addSuppressed(closing);
      }
      throw e;
    }
  }

  Path path() {
    return path;
  }

  String partition() {
    return partition;
  }

  void write(byte[] record) throws IOException {
    writer.write(record);
  }

  /** The size of the file in bytes when it was last looked at. */
  long size() {
    return size;
  }

  /** Whether the file has reached its largest size. Looks at most once for each chunk. */
  boolean isFull() throws IOException {
    long written = writer.recordBytes() + Long.BYTES * writer.recordCount();
    if (written < nextLook) {
      return false;
    }
    size = writer.fileSize();
    nextLook = written + options.chunkSize();
    return size >= options.maxShardSize();
  }

  /** Completes the file. */
  WrittenFile complete() throws IOException {
    writer.close();
    size = writer.fileSize();
    return new WrittenFile(path.toString(), partition, size);
  }

  /** Closes the file, which nobody will read. Does nothing if it is closed. */
  void discard() {
    abortUpload();
    writer.discard();
  }

  /** An object store would otherwise keep the file, because to close it completes its upload. */
  private void abortUpload() {
    if (stream != null
        && writer.isOpen()
        && stream.hasCapability(CommonPathCapabilities.ABORTABLE_STREAM)) {
      stream.abort();
    }
  }
}
