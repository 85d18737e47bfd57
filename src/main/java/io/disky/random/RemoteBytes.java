package io.disky.random;

import io.disky.fetching.FetchedFile;
import io.disky.fetching.FetchedSource;
import io.disky.files.Origin;
import io.disky.threads.Callbacks;
import io.disky.transfer.ByteSource;
import io.disky.transfer.CallbackSource;

/**
 * The bytes of an open file that requests read.
 *
 * @param file the file
 * @param source its first source
 * @param callbacks the user's code that the reader of the file is calling
 */
public record RemoteBytes(FetchedFile file, FetchedSource source, Callbacks callbacks) {
  RemoteBytes(FetchedFile file, Callbacks callbacks) {
    this(file, FetchedSource.exact(file), callbacks);
  }

  /** The first source, which closes the file. It requests only bytes that are read. */
  ByteSource exact() {
    return guarded(source);
  }

  /** Another source, which reads ahead if it is read in order. */
  ByteSource inOrder() {
    return guarded(file.source());
  }

  private ByteSource guarded(ByteSource source) {
    return new CallbackSource(source, Origin.Kind.REMOTE.toString(), callbacks);
  }
}
