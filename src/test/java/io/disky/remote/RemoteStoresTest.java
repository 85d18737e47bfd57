package io.disky.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RemoteStoresTest {
  @Test
  void httpIsBuiltIn() {
    for (String address : new String[] {"http://x/", "HTTPS://x/"}) {
      try (RemoteStore store = RemoteStores.find(URI.create(address))) {
        assertThat(store).isInstanceOf(HttpStore.class);
      }
    }
  }

  /** A store of another jar. */
  public static final class Other implements RemoteStore {
    @Override
    public Set<String> schemes() {
      return Set.of("other");
    }

    @Override
    public RemoteFile file(URI address) {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<URI> list(URI prefix) {
      return List.of();
    }

    @Override
    public RemoteUpload create(URI address, boolean replace) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
  }

  @Test
  void aStoreOfAnotherJarIsFoundAlthoughOneIsBroken(@TempDir Path directory) throws Exception {
    Path services = Files.createDirectories(directory.resolve("META-INF/services"));
    Files.writeString(
        services.resolve(RemoteStore.class.getName()),
        "does.not.Exist\n" + Other.class.getName() + "\n");
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {directory.toUri().toURL()}, before)) {
      thread.setContextClassLoader(loader);
      try (RemoteStore store = RemoteStores.find(URI.create("OTHER://x/y"))) {
        assertThat(store).isInstanceOf(Other.class);
      }
      assertThatThrownBy(() -> RemoteStores.find(URI.create("ftp://x/y")))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("does.not.Exist");
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "s3://bucket/key, io.disky:disky-s3",
    "gs://bucket/key, io.disky:disky-gcs",
    "ftp://x/y, ftp://",
    "x/y, the address has no scheme"
  })
  void aMissingStoreIsNamed(String address, String text) {
    assertThatThrownBy(() -> RemoteStores.find(URI.create(address)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(text);
  }

  @ParameterizedTest
  @CsvSource({
    "https://x/y, true",
    "s3://b/prefix*, true",
    "file:///x, false",
    "/x/y, false",
    "C:/x, false",
    "c://x, false",
    "a:b, false"
  })
  void addressesArePaths(String text, boolean address) {
    assertThat(RemoteStores.isAddress(text)).isEqualTo(address);
  }
}
