package io.disky;

import io.disky.fetching.FetchedFile;
import io.disky.fetching.FetchedOpening;
import io.disky.fetching.RemoteOpening;
import io.disky.remote.RemoteFile;
import io.disky.remote.RemoteOptions;
import io.disky.threads.Callbacks;
import java.io.IOException;
import java.util.Objects;

/** Opens remote files for the rooms, which do not know public types. */
final class RemoteOpenings {
  private RemoteOpenings() {}

  /**
   * The name of a remote file.
   *
   * @throws IllegalStateException if it returns no name
   */
  static String name(RemoteFile file) {
    String name = Objects.requireNonNull(file, "file").name();
    if (name == null) {
      throw new IllegalStateException("the remote file returned null as its name");
    }
    return name;
  }

  static FetchedOpening of(RemoteFile file, RemoteOptions options) {
    return new Opening(file, name(file), options);
  }

  private record Opening(RemoteFile file, String name, RemoteOptions options)
      implements FetchedOpening {
    @Override
    public FetchedFile open(Callbacks callbacks) throws IOException {
      return RemoteOpening.open(file, options, callbacks);
    }
  }
}
