package io.disky.fetching;

import io.disky.threads.Callbacks;
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
    FetchedFile open(Object file, Object options, Callbacks callbacks) throws IOException;
  }

  /** Called by each object of the options, with the same kind of opener. */
  public static void install(Opener installed) {
    if (opener == null) {
      opener = installed;
    }
  }

  /**
   * Opens a file as {@link FetchedFile#open} does.
   *
   * @param file an {@code io.disky.remote.RemoteFile}
   * @param options {@code io.disky.remote.RemoteOptions}
   * @param callbacks the callbacks of the reader: all code of the file is one, in whichever thread
   */
  public static FetchedFile open(Object file, Object options, Callbacks callbacks)
      throws IOException {
    Opener installed = opener;
    if (installed == null) { // there are no options
      throw new IllegalStateException("no options");
    }
    return installed.open(file, options, callbacks);
  }
}
