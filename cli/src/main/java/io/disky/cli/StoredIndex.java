package io.disky.cli;

import io.disky.remote.RemoteFile;
import io.disky.remote.RemoteRange;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * A saved index next to its file in a store, if there is one. A store does not tell everybody that
 * a file does not exist, so an index that must not be read counts as one that does not exist.
 *
 * @param file the index
 */
record StoredIndex(RemoteFile file) implements RemoteFile {
  private static final String SUFFIX = ".index";

  /** The address of the index of {@code file}; {@code null} if only {@code file} is allowed. */
  static @Nullable FileArgument argument(FileArgument file) {
    URI address = file.address();
    if (address == null || address.getRawQuery() != null || address.getRawFragment() != null) {
      return null; // the signature in an address of HTTP is that of one file
    }
    return FileArgument.of(
        new RemoteAddress(file.name() + SUFFIX, URI.create(address + SUFFIX), null));
  }

  @Override
  public String name() {
    return file.name();
  }

  @Override
  public String cacheKey() {
    return file.cacheKey();
  }

  @Override
  public CompletableFuture<RemoteRange> read(
      long position, MemorySegment target, Optional<String> version) {
    return file.read(position, target, version);
  }

  @Override
  public CompletableFuture<RemoteRange> readEnd(MemorySegment target) {
    return file.readEnd(target)
        .exceptionallyCompose(e -> CompletableFuture.failedFuture(failure(e)));
  }

  private Throwable failure(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return cause instanceof AccessDeniedException
        ? new NoSuchFileException(file.name(), null, cause.getMessage())
        : cause;
  }
}
