package io.disky;

import io.disky.engine.Engine;
import io.disky.fetching.FetchedOpening;
import io.disky.files.Origin;
import io.disky.reading.OpenSource;
import io.disky.remote.RemoteFile;
import io.disky.transfer.ByteSource;
import io.disky.transfer.ChannelSource;
import io.disky.transfer.InputStreamSource;
import io.disky.transfer.SeekableChannelSource;
import io.disky.transfer.SegmentSource;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;
import java.util.Objects;

/** Opens files, remote files, memory, channels and streams for a {@link RecordReader}. */
final class ReaderOpening {
  private ReaderOpening() {}

  /** Opens a file. */
  static OpenSource open(Path path, ReaderOptions options) throws IOException {
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(options, "options");
    Engine.ensureLoaded();
    return OpenSource.open(
        path, options.settings(), RecordFileException.translation(Origin.of(path)));
  }

  /** Opens memory. */
  static OpenSource open(MemorySegment segment, ReaderOptions options) throws IOException {
    Objects.requireNonNull(segment, "segment");
    return open(Origin.MEMORY, new SegmentSource(segment), options);
  }

  /** Opens a channel, which stays open if this throws. */
  static OpenSource open(SeekableByteChannel channel, ReaderOptions options) throws IOException {
    Objects.requireNonNull(channel, "channel");
    return open(Origin.CHANNEL, new SeekableChannelSource(channel), options);
  }

  /** Opens a channel that is read in order, and stays open if this throws. */
  static OpenSource open(ReadableByteChannel channel, ReaderOptions options) throws IOException {
    Objects.requireNonNull(channel, "channel");
    return open(Origin.CHANNEL, new ChannelSource(channel), options);
  }

  /** Opens a stream, which stays open if this throws. */
  static OpenSource open(InputStream stream, ReaderOptions options) throws IOException {
    Objects.requireNonNull(stream, "stream");
    return open(Origin.STREAM, new InputStreamSource(stream), options);
  }

  private static OpenSource open(Origin origin, ByteSource source, ReaderOptions options)
      throws IOException {
    Objects.requireNonNull(options, "options");
    Engine.ensureLoaded();
    return OpenSource.open(
        origin, source, options.settings(), RecordFileException.translation(origin));
  }

  /** Opens a remote file. */
  static OpenSource open(RemoteFile file, ReaderOptions options) throws IOException {
    Objects.requireNonNull(options, "options");
    FetchedOpening opening = RemoteOpenings.of(file, options.remote());
    Origin origin = Origin.remote(opening.name());
    if (options.follow()) {
      throw new IllegalArgumentException(
          origin
              + ": a remote file cannot be followed: only a file that grows can, by its path; to read"
              + " a newer version, open it again");
    }
    Engine.ensureLoaded();
    return OpenSource.open(opening, options.settings(), RecordFileException.translation(origin));
  }
}
