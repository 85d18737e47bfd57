package io.disky.fetching;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Opens files of {@code io.disky.remote} for other public packages, from which the state of that
 * package is hidden.
 */
public final class RemoteOpening {
  private static volatile @Nullable Opener opener;

  private RemoteOpening() {}

  /** Opens a {@code RemoteFile} with {@code RemoteOptions}. */
  @FunctionalInterface
  public interface Opener {
    FetchedFile open(Object file, Object options) throws IOException;
  }

  /** Called once, by the class of the options. */
  public static void install(Opener installed) {
    opener = installed;
  }

  /**
   * Opens a file as {@link FetchedFile#open} does.
   *
   * @param file an {@code io.disky.remote.RemoteFile}
   * @param options {@code io.disky.remote.RemoteOptions}
   */
  public static FetchedFile open(Object file, Object options) throws IOException {
    Opener installed = opener;
    if (installed == null) { // there are no options
      throw new IllegalStateException("no options");
    }
    return installed.open(file, options);
  }
}
