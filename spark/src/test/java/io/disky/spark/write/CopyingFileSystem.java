package io.disky.spark.write;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/**
 * Local files as an object store has them: to rename is to copy and to delete, replaces what was
 * there, and can fail between.
 */
public final class CopyingFileSystem extends RawLocalFileSystem {
  /** How renaming fails. */
  enum Fault {
    /** It does not. */
    NONE,
    /** Before anything has happened. */
    THROWS_BEFORE,
    /** After the first half of the file was copied. */
    THROWS_HALF_WAY,
    /** The same, without an exception. */
    IS_FALSE_HALF_WAY,
    /** After the copy is complete. */
    THROWS_WITH_TWO,
    /** After all is done. */
    THROWS_AFTER
  }

  private static final URI ROOT = URI.create("copying:///");

  private static volatile Fault fault = Fault.NONE;
  private static final AtomicInteger RENAMES_LEFT = new AtomicInteger();
  private static volatile String undeletable = "";
  private static volatile boolean createsDirectories = false;

  /** Makes renaming fail after it has succeeded {@code successes} times. */
  static void fail(Fault how, int successes) {
    fault = how;
    RENAMES_LEFT.set(successes);
  }

  /** Makes it impossible to delete files with this name. */
  static void keep(String name) {
    undeletable = name;
  }

  /** Whether creating a file always creates its directory, as in stores without directories. */
  static void createDirectories(boolean always) {
    createsDirectories = always;
  }

  /** No faults. */
  static void reset() {
    fail(Fault.NONE, 0);
    keep("");
    createDirectories(false);
  }

  /** The path of a local file in this file system. */
  static String path(java.nio.file.Path local) {
    return ROOT.getScheme() + ":" + local;
  }

  @Override
  public void initialize(URI uri, Configuration configuration) throws IOException {
    super.initialize(uri, configuration);
    setConf(configuration);
  }

  @Override
  public String getScheme() {
    return ROOT.getScheme();
  }

  @Override
  public URI getUri() {
    return ROOT;
  }

  @Override
  public FSDataOutputStream createNonRecursive(
      Path path,
      FsPermission permission,
      java.util.EnumSet<CreateFlag> flags,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    if (createsDirectories) {
      throw new IOException("not supported");
    }
    return super.createNonRecursive(
        path, permission, flags, bufferSize, replication, blockSize, progress);
  }

  @Override
  public boolean delete(Path path, boolean recursive) throws IOException {
    if (path.getName().equals(undeletable)) {
      throw new IOException("cannot be deleted: " + path);
    }
    return super.delete(path, recursive);
  }

  @Override
  public boolean rename(Path from, Path to) throws IOException {
    File source = pathToFile(from);
    if (source.isDirectory()) {
      return super.rename(from, to);
    }
    boolean fails = fault != Fault.NONE && RENAMES_LEFT.getAndDecrement() == 0;
    return rename(source.toPath(), pathToFile(to).toPath(), fails ? fault : Fault.NONE);
  }

  private static boolean rename(java.nio.file.Path from, java.nio.file.Path to, Fault how)
      throws IOException {
    if (how == Fault.THROWS_BEFORE) {
      throw new IOException("before");
    }
    byte[] bytes = Files.readAllBytes(from);
    boolean half = how == Fault.THROWS_HALF_WAY || how == Fault.IS_FALSE_HALF_WAY;
    Files.write(to, half ? Arrays.copyOf(bytes, bytes.length / 2) : bytes);
    if (how == Fault.IS_FALSE_HALF_WAY) {
      return false;
    }
    if (half || how == Fault.THROWS_WITH_TWO) {
      throw new IOException("between");
    }
    Files.delete(from);
    if (how == Fault.THROWS_AFTER) {
      throw new IOException("after");
    }
    return true;
  }
}
