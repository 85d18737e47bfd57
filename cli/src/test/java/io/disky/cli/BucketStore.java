package io.disky.cli;

import io.disky.remote.RemoteFile;
import io.disky.remote.RemoteStore;
import io.disky.remote.RemoteUpload;
import io.disky.testing.MemoryRemoteFile;
import io.disky.testing.UploadStore;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** A store of {@code s3://} in memory, which the command line finds as a service. */
public final class BucketStore implements RemoteStore {
  private static volatile UploadStore bucket = new UploadStore("s3");
  private static final AtomicInteger OPEN = new AtomicInteger();

  /** Called by the service loader. */
  public BucketStore() {
    OPEN.incrementAndGet();
  }

  /** Empties the store. */
  static UploadStore renew() {
    OPEN.set(0);
    bucket = new UploadStore("s3");
    return bucket;
  }

  /** Number of stores that are not closed. */
  static int open() {
    return OPEN.get();
  }

  /** A class loader that finds this store as a service; the list of services is in a file. */
  static ClassLoader loader(Path directory) throws IOException {
    Path services = Files.writeString(directory.resolve("services"), BucketStore.class.getName());
    URL url = services.toUri().toURL();
    return new ClassLoader(BucketStore.class.getClassLoader()) {
      @Override
      public Enumeration<URL> getResources(String name) throws IOException {
        return name.equals("META-INF/services/" + RemoteStore.class.getName())
            ? Collections.enumeration(List.of(url))
            : super.getResources(name);
      }
    };
  }

  @Override
  public Set<String> schemes() {
    return Set.of("s3");
  }

  @Override
  public RemoteFile file(URI address) {
    byte[] bytes = bucket.files().get(address.toString());
    return bytes == null
        ? new MemoryRemoteFile(address.toString(), new byte[0])
            .withFault(_ -> new NoSuchFileException(address.toString()))
        : new MemoryRemoteFile(address.toString(), bytes);
  }

  @Override
  public List<URI> list(URI prefix) {
    return bucket.list(prefix);
  }

  @Override
  public RemoteUpload create(URI address, boolean replace) throws IOException {
    return bucket.create(address, replace);
  }

  @Override
  public void close() {
    OPEN.decrementAndGet();
  }
}
