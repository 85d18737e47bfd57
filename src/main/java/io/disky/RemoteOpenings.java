package io.disky;

import io.disky.fetching.FetchedFile;
import io.disky.fetching.FetchedOpening;
import io.disky.fetching.RemoteOpening;
import io.disky.files.Origin;
import io.disky.remote.RemoteFile;
import io.disky.remote.RemoteOptions;
import io.disky.remote.RemoteRange;
import io.disky.threads.Callbacks;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

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
      return RemoteOpening.open(new Guarded(file, name, callbacks), options);
    }
  }

  /** A remote file, whose calls are callbacks of a reader, in whichever thread. */
  private record Guarded(RemoteFile file, String name, Callbacks callbacks) implements RemoteFile {
    private static final String KIND = Origin.Kind.REMOTE.toString();

    @Override
    public String cacheKey() {
      String outer = callbacks.begin(KIND);
      try {
        return file.cacheKey();
      } finally {
        callbacks.end(outer);
      }
    }

    @Override
    public CompletableFuture<RemoteRange> read(
        long position, MemorySegment target, Optional<String> version) {
      String outer = callbacks.begin(KIND);
      try {
        return file.read(position, target, version);
      } finally {
        callbacks.end(outer);
      }
    }

    @Override
    public CompletableFuture<RemoteRange> readEnd(MemorySegment target) {
      String outer = callbacks.begin(KIND);
      try {
        return file.readEnd(target);
      } finally {
        callbacks.end(outer);
      }
    }
  }
}
