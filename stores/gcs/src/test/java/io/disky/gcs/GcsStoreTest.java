package io.disky.gcs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.api.services.storage.Storage;
import io.disky.remote.RemoteStore;
import io.disky.testing.FaultyProxy;
import io.disky.testing.FaultyProxy.Fault;
import io.disky.testing.FaultyProxy.Request;
import io.disky.testing.RemoteFileContract;
import io.disky.testing.UploadFaultsContract;
import java.net.URI;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Objects on a server of Cloud Storage, through a proxy that plants faults. */
@Timeout(120)
class GcsStoreTest implements UploadFaultsContract {
  private static LocalGcs gcs;
  private static Storage client;

  private final GcsStore store = GcsStore.of(client);

  @BeforeAll
  static void start() throws Exception {
    gcs = new LocalGcs();
    client = gcs.client();
  }

  @AfterAll
  static void stop() throws Exception {
    client.getRequestFactory().getTransport().shutdown();
    gcs.close();
  }

  @AfterEach
  void tidyUp() {
    gcs.proxy.faults(_ -> Fault.NONE);
    long left = gcs.openSessions();
    gcs.reset();
    assertThat(left).isZero();
  }

  @Override
  public RemoteStore store() {
    return store;
  }

  @Override
  public String root() {
    return "gs://" + LocalGcs.BUCKET;
  }

  @Override
  public void put(String key, byte[] bytes) {
    gcs.put(key, bytes);
  }

  @Override
  public byte @Nullable [] get(String key) {
    return gcs.get(key);
  }

  @Override
  public List<String> keys() {
    return gcs.names();
  }

  @Override
  public long openUploads() {
    return gcs.openSessions();
  }

  @Override
  public FaultyProxy proxy() {
    return gcs.proxy;
  }

  @Override
  public String versionHeader() {
    return "x-goog-generation: 1\r\n";
  }

  /** A key of the interface, which is in the query of each request, and a token. */
  @Override
  public RemoteStore secretStore() {
    return GcsStore.of(
        GcsStore.client(
            "http://127.0.0.1:" + gcs.proxy.port() + "/",
            request -> {
              request.getHeaders().setAuthorization("Bearer planted-token");
              request.getUrl().put("key", "planted-key");
            }));
  }

  @Override
  public URI secretAddress(String key) {
    return address(key);
  }

  @Override
  public List<String> secrets() {
    return List.of("planted-token", "planted-key", "/session/");
  }

  @Override
  public boolean isFirstAttempt(Request request) {
    return request.number() % 3 == 1 && !request.method().equals("POST");
  }

  /** A session has one address for all of its requests. */
  @Override
  public boolean isCompletion(Request request, int parts) {
    return request.method().equals("PUT") && request.number() == parts + 1;
  }

  @Override
  public boolean isSecondPart(Request request) {
    return request.method().equals("PUT") && request.number() == 2;
  }

  @Override
  public String writePermission() {
    return "storage.objects.create";
  }

  @Test
  void aMissingBucket() {
    URI missing = URI.create("gs://no-such-bucket/file");
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> RemoteFileContract.end(store.file(missing), 10))
        .withMessageContaining(missing.toString())
        .withMessageContaining("storage.objects.get");
    assertThatExceptionOfType(NoSuchFileException.class).isThrownBy(() -> store.list(missing));
  }

  /** Consoles show directories by such objects. */
  @Test
  void directoriesAreNotListed() throws Exception {
    gcs.put("train/", new byte[0]);
    gcs.put("train/shard", new byte[1]);
    assertThat(store.list(address("train/"))).containsExactly(address("train/shard"));
  }

  @Test
  void theServiceLoaderFindsIt() {
    assertThat(ServiceLoader.load(RemoteStore.class).stream().map(ServiceLoader.Provider::type))
        .contains(GcsStore.class);
    try (GcsStore found = new GcsStore()) { // makes no client
      assertThat(found.schemes()).containsExactly("gs");
    }
  }
}
