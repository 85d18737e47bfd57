package io.disky.cli;

import io.disky.RandomAccessOptions;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The option of a command that uses saved indexes. */
@Command
final class IndexSettings {
  @Option(
      names = "--index-directory",
      paramLabel = "DIRECTORY",
      description =
          "Look for saved indexes in DIRECTORY, where 'disky index --directory' has saved them. By"
              + " default the index of a FILE is next to it, also that of a remote FILE.")
  private @Nullable Path directory;

  boolean isGiven() {
    return directory != null;
  }

  /** {@code options} with this setting. */
  RandomAccessOptions on(RandomAccessOptions options) {
    return directory == null ? options : options.withIndexDirectory(directory);
  }
}
