package io.disky.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.api.Test;
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
