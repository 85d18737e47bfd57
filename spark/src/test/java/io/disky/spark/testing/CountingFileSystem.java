package io.disky.spark.testing;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/**
 * The local files under the scheme {@code counted}; counts what is done with them. To Spark and to
 * disky it is a file system like any other, not the machine's own.
 */
public final class CountingFileSystem extends RawLocalFileSystem {
  /** The setting that makes Hadoop use this class. */
  public static final String SETTING = "fs.counted.impl";

  private static final URI ROOT = URI.create("counted:///");
  private static final AtomicInteger OPENED = new AtomicInteger();
  private static final AtomicInteger OPEN = new AtomicInteger();
  private static final AtomicInteger LISTED = new AtomicInteger();
  private static final AtomicLong BYTES = new AtomicLong();

  /** Sets all counts to 0. */
  public static void reset() {
    OPENED.set(0);
    LISTED.set(0);
    BYTES.set(0);
  }

  /** How often a file was opened. */
  public static int opened() {
    return OPENED.get();
  }

  /** How many files are open now. */
  public static int open() {
    return OPEN.get();
  }

  /** How often a directory was listed. */
  public static int listed() {
    return LISTED.get();
  }

  /** How many bytes were read. */
  public static long bytes() {
    return BYTES.get();
  }

  /** The path of a local file in this file system. */
  public static String path(java.nio.file.Path local) {
    return "counted:" + local.toAbsolutePath();
  }

  @Override
  public URI getUri() {
    return ROOT;
  }

  @Override
  public String getScheme() {
    return "counted";
  }

  @Override
  public FileStatus[] listStatus(Path directory) throws IOException {
    LISTED.incrementAndGet();
    return Arrays.stream(super.listStatus(directory))
        .map(CountingFileSystem::plain)
        .toArray(FileStatus[]::new);
  }

  /** Without permissions, for which Hadoop would start a process. */
  private static FileStatus plain(FileStatus status) {
    return new FileStatus(
        status.getLen(),
        status.isDirectory(),
        status.getReplication(),
        status.getBlockSize(),
        status.getModificationTime(),
        status.getPath());
  }

  @Override
  public File pathToFile(Path path) {
    return new File(path.toUri().getPath());
  }

  @Override
  public FSDataInputStream open(Path path, int bufferSize) throws IOException {
    FSDataInputStream stream = super.open(path, bufferSize);
    OPENED.incrementAndGet();
    OPEN.incrementAndGet();
    return new FSDataInputStream(new CountingStream(stream));
  }

  private static final class CountingStream extends FSInputStream {
    private final FSDataInputStream stream;
    private boolean closed;

    CountingStream(FSDataInputStream stream) {
      this.stream = stream;
    }

    private static int count(int read) {
      BYTES.addAndGet(Math.max(0, read));
      return read;
    }

    @Override
    public int read() throws IOException {
      int read = stream.read();
      count(read < 0 ? 0 : 1);
      return read;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      return count(stream.read(bytes, offset, length));
    }

    @Override
    public int read(long position, byte[] bytes, int offset, int length) throws IOException {
      return count(stream.read(position, bytes, offset, length));
    }

    @Override
    public void seek(long position) throws IOException {
      stream.seek(position);
    }

    @Override
    public long getPos() throws IOException {
      return stream.getPos();
    }

    @Override
    public boolean seekToNewSource(long position) throws IOException {
      return stream.seekToNewSource(position);
    }

    @Override
    public void close() throws IOException {
      if (!closed) {
        closed = true;
        OPEN.decrementAndGet();
        stream.close();
      }
    }
  }
}
