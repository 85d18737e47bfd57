package io.disky.spark.read;

import io.disky.ReaderOptions;
import io.disky.RecordReader;
import io.disky.spark.files.HadoopChannel;
import io.disky.spark.files.HadoopChannel.Access;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.NoSuchFileException;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;

/** Opens the files of a task. */
final class SplitOpening {
  private static final System.Logger LOG = System.getLogger("io.disky");

  private final @Nullable Configuration configuration;
  private final ReadCounts counts;

  /**
   * @param configuration that of Hadoop; {@code null} if all files are local
   */
  SplitOpening(@Nullable Configuration configuration, ReadCounts counts) {
    this.configuration = configuration;
    this.counts = counts;
  }

  /**
   * Opens a reader of the file of {@code split}.
   *
   * @throws IOException as a reader of a file throws it; it names the file
   */
  RecordReader open(FileSplit split, ReaderOptions options, Access access) throws IOException {
    counts.addFile();
    if (split.local()) {
      return RecordReader.open(local(split), options);
    }
    HadoopChannel channel =
        HadoopChannel.open(
            Objects.requireNonNull(configuration, "configuration"),
            new Path(split.path()),
            access,
            split.fileSize(),
            split.begin(),
            split.end(),
            counts::addFileBytes);
    try {
      return RecordReader.open(channel, options);
    } catch (Throwable e) {
      channel.close();
      throw e;
    }
  }

  private static java.nio.file.Path local(FileSplit split) {
    return java.nio.file.Path.of(new Path(split.path()).toUri().getPath());
  }

  /** The failure with the name of the file, which a reader of a channel does not know. */
  static IOException named(FileSplit split, IOException failure) {
    String message = String.valueOf(failure.getMessage());
    if (split.local() || message.contains(split.path())) {
      return failure;
    }
    return new IOException(split.path() + ": " + message, failure);
  }

  /**
   * Reports that a file is left out, if it does not exist any more and {@code options} ignore that.
   *
   * @throws IOException the failure with the name of the file, otherwise
   */
  static void leaveOut(FileSplit split, IOException failure, ReadOptions options)
      throws IOException {
    boolean missing =
        failure instanceof FileNotFoundException || failure instanceof NoSuchFileException;
    if (!missing || !options.ignoreMissing()) {
      throw named(split, failure);
    }
    LOG.log(Level.WARNING, "{0}: this file is left out: it does not exist any more", split.path());
  }
}
