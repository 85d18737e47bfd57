package io.disky.spark.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;
import java.util.function.LongConsumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FutureDataInputStreamBuilder;
import org.apache.hadoop.fs.Options.OpenFileOptions;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.util.functional.FutureIO;

/** A file of a file system of Hadoop, open for reading. */
public final class HadoopChannel implements SeekableByteChannel {
  private static final int BUFFER_SIZE = 256 << 10;

  /**
   * The most bytes of a read in random order. Readers ask for more than they need, in case that is
   * as fast; but between two headers are megabytes that nobody needs.
   */
  private static final int RANDOM_READ = 512;

  /** In which order a file is read, which a file system can adapt its requests to. */
  public enum Access {
    /** From one offset on to another: one request for all of the bytes is best. */
    SEQUENTIAL,
    /** A few bytes here and there: each request is for these bytes only. */
    RANDOM
  }

  private final FSDataInputStream stream;
  private final Access access;
  private final long size;
  private final LongConsumer counter;
  private byte[] buffer = new byte[0];
  private long position;
  private boolean open = true;

  private HadoopChannel(FSDataInputStream stream, Access access, long size, LongConsumer counter) {
    this.stream = stream;
    this.access = access;
    this.size = size;
    this.counter = counter;
  }

  /**
   * Opens the file at {@code path}.
   *
   * @param size its size in bytes, which is not asked for again
   * @param begin where reading will begin
   * @param end where reading will end, or a little before
   * @param counter is given the number of bytes of each read
   * @throws java.io.FileNotFoundException if it does not exist; some file systems find out when the
   *     first bytes are read
   */
  public static HadoopChannel open(
      Configuration configuration,
      Path path,
      Access access,
      long size,
      long begin,
      long end,
      LongConsumer counter)
      throws IOException {
    FileSystem system = path.getFileSystem(configuration);
    FutureDataInputStreamBuilder builder =
        system.openFile(path).optLong(OpenFileOptions.FS_OPTION_OPENFILE_LENGTH, size);
    if (access == Access.SEQUENTIAL) {
      builder
          .opt(
              OpenFileOptions.FS_OPTION_OPENFILE_READ_POLICY,
              OpenFileOptions.FS_OPTION_OPENFILE_READ_POLICY_SEQUENTIAL)
          .optLong(OpenFileOptions.FS_OPTION_OPENFILE_SPLIT_START, begin)
          .optLong(OpenFileOptions.FS_OPTION_OPENFILE_SPLIT_END, end);
    } else {
      builder.opt(
          OpenFileOptions.FS_OPTION_OPENFILE_READ_POLICY,
          OpenFileOptions.FS_OPTION_OPENFILE_READ_POLICY_RANDOM);
    }
    return new HadoopChannel(FutureIO.awaitFuture(builder.build()), access, size, counter);
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    checkOpen();
    int most = access == Access.RANDOM ? RANDOM_READ : BUFFER_SIZE;
    int wanted = (int) Math.min(Math.min(target.remaining(), most), size - position);
    if (wanted <= 0) {
      return target.hasRemaining() ? -1 : 0;
    }
    int read = read(wanted);
    if (read > 0) {
      target.put(buffer, 0, read);
      position += read;
      counter.accept(read);
    }
    return read;
  }

  private int read(int wanted) throws IOException {
    if (buffer.length < wanted) {
      buffer = new byte[wanted];
    }
    if (access == Access.RANDOM) {
      return stream.read(position, buffer, 0, wanted);
    }
    if (stream.getPos() != position) {
      stream.seek(position);
    }
    return stream.read(buffer, 0, wanted);
  }

  private void checkOpen() throws ClosedChannelException {
    if (!open) {
      throw new ClosedChannelException();
    }
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public SeekableByteChannel position(long newPosition) {
    position = newPosition;
    return this;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public void close() throws IOException {
    if (open) {
      open = false;
      stream.close();
    }
  }

  @Override
  public int write(ByteBuffer source) {
    throw new NonWritableChannelException();
  }

  @Override
  public SeekableByteChannel truncate(long newSize) {
    throw new NonWritableChannelException();
  }
}
