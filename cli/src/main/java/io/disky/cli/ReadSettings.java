package io.disky.cli;

import io.disky.ReaderOptions;
import io.disky.remote.RemoteCache;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of a command that reads record files, local or remote. */
@Command
final class ReadSettings {
  private static final long DEFAULT_CACHE_SIZE = 10L << 30;

  @Mixin private ChunkLimit chunkLimit = new ChunkLimit();

  @Option(
      names = "--cache",
      paramLabel = "DIRECTORY",
      description =
          "Keep bytes of remote files in DIRECTORY, so that later commands do not request them"
              + " again. A remote file that was replaced is read again. Several commands can use"
              + " DIRECTORY at the same time.")
  private @Nullable Path cacheDirectory;

  @Option(
      names = "--cache-size",
      paramLabel = "SIZE",
      converter = ByteSize.CacheSizeConverter.class,
      description =
          "With --cache: keep at most SIZE, at least 16MiB (default: 10GiB). What was not used for"
              + " the longest time is removed first.")
  private @Nullable Long cacheSize;

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  private @Nullable RemoteCache cache;

  /** A class of its own, because the JVM loads the exceptions of picocli to verify its code. */
  private static final class WrongOptions {
    static RuntimeException cacheSizeWithoutCache(CommandSpec command) {
      return new ParameterException(command.commandLine(), "--cache-size needs --cache");
    }
  }

  /** {@code options} with these settings. May be called on any thread. */
  ReaderOptions on(ReaderOptions options) {
    ReaderOptions limited = chunkLimit.on(options);
    if (cacheDirectory == null) {
      if (cacheSize != null && command != null) {
        throw WrongOptions.cacheSizeWithoutCache(command);
      }
      return limited;
    }
    return limited.withRemote(limited.remote().withCache(cacheIn(cacheDirectory)));
  }

  private synchronized RemoteCache cacheIn(Path directory) {
    RemoteCache opened = cache;
    if (opened == null) {
      try {
        opened = RemoteCache.open(directory, cacheSize == null ? DEFAULT_CACHE_SIZE : cacheSize);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      cache = opened;
    }
    return opened;
  }
}
