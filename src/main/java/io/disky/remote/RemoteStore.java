package io.disky.remote;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Set;

/**
 * Finds remote files by their addresses. {@link RemoteStores} finds stores by the scheme of an
 * address; a store in another jar is a {@linkplain java.util.ServiceLoader service} of this type
 * with a public constructor without arguments. Thread-safe.
 */
public interface RemoteStore extends AutoCloseable {
  /** The schemes of the addresses, in lower case: {@code s3}, for example. */
  Set<String> schemes();

  /**
   * The file at an address. Makes no request.
   *
   * @throws IllegalArgumentException if {@code address} is not an address of a file of this store
   */
  RemoteFile file(URI address);

  /**
   * The addresses of the files whose addresses begin with {@code prefix}, in the order of their
   * names.
   *
   * @throws UnsupportedOperationException if the store cannot list files
   * @throws IOException if a request fails
   */
  List<URI> list(URI prefix) throws IOException;

  /**
   * Begins to write a file.
   *
   * @param replace whether an existing file may be replaced; if not, this method fails if the file
   *     exists, and {@link RemoteUpload#complete()} fails if it has appeared since then
   * @throws UnsupportedOperationException if the store cannot write files
   * @throws java.nio.file.FileAlreadyExistsException if the file must be new and is not
   * @throws IOException if a request fails
   */
  RemoteUpload create(URI address, boolean replace) throws IOException;

  /**
   * Removes a file. Does nothing if it does not exist.
   *
   * @throws UnsupportedOperationException if the store cannot remove files
   * @throws IOException if the request fails
   */
  default void delete(URI address) throws IOException {
    throw new UnsupportedOperationException(address.getScheme() + ": files cannot be removed");
  }

  /**
   * Ends the connections and threads of the store. Its files can then no longer be read: requests
   * fail. Closing it again does nothing.
   */
  @Override
  void close();
}
