package io.disky.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.disky.remote.RemoteFile;
import io.disky.remote.RemoteStore;
import io.disky.testing.FaultyProxy;
import io.disky.testing.FaultyProxy.Fault;
import io.disky.testing.FaultyProxy.Request;
import io.disky.testing.RemoteFileContract;
import io.disky.testing.UploadFaultsContract;
import java.net.URI;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.services.s3.S3AsyncClient;

/** Objects on a server of S3, through a proxy that plants faults. */
@Timeout(120)
class S3StoreTest implements UploadFaultsContract {
  private static LocalS3 s3;
  private static S3AsyncClient client;
  private static S3AsyncClient wrong;

  private final S3Store store = S3Store.of(client).withPartSize(5 << 20);

  @BeforeAll
  static void start() throws Exception {
    s3 = new LocalS3();
    client = s3.client();
    wrong = s3.client("another/secret");
  }

  @AfterAll
  static void stop() throws Exception {
    wrong.close();
    client.close();
    s3.close();
  }

  @AfterEach
  void tidyUp() {
    s3.proxy.faults(_ -> Fault.NONE);
    s3.deleteAll();
    assertThat(s3.keys()).isEmpty();
    assertThat(s3.uploads()).isEmpty();
  }

  @Override
  public RemoteStore store() {
    return store;
  }

  @Override
  public String root() {
    return "s3://" + LocalS3.BUCKET;
  }

  @Override
  public boolean isRefusedByServer(String key) {
    return key.contains("/../");
  }

  @Test
  void dotsStayInTheKey() {
    RemoteFile file = store.file(address("x/../y"));
    assertThat(catchThrowable(() -> RemoteFileContract.end(file, 10))).isNotNull();
    assertThat(s3.proxy.requests().getLast().target()).isEqualTo("/records/x/../y");
  }

  @Override
  public void put(String key, byte[] bytes) {
    s3.put(key, bytes);
  }

  @Override
  public void putAll(List<String> keys) {
    s3.putAll(keys);
  }

  @Override
  public byte @Nullable [] get(String key) {
    return s3.get(key);
  }

  @Override
  public List<String> keys() {
    return s3.keys();
  }

  @Override
  public long openUploads() {
    return s3.uploads().size();
  }

  @Override
  public FaultyProxy proxy() {
    return s3.proxy;
  }

  @Override
  public String versionHeader() {
    return "ETag: \"1\"\r\n";
  }

  @Override
  public RemoteStore secretStore() {
    return S3Store.of(wrong);
  }

  @Override
  public URI secretAddress(String key) {
    return address(key);
  }

  @Override
  public List<String> secrets() {
    return List.of("another/secret", LocalS3.KEY_ID, "AWS4-HMAC");
  }

  @Override
  public boolean isFirstAttempt(Request request) {
    boolean begins = request.method().equals("POST") && request.target().contains("uploads");
    return request.number() == 1 && !begins;
  }

  @Override
  public boolean isCompletion(Request request, int parts) {
    String method = parts == 0 ? "PUT" : "POST";
    return request.number() == 1
        && request.method().equals(method)
        && request.target().contains("uploadId=") == (parts > 0);
  }

  @Override
  public boolean isSecondPart(Request request) {
    return request.target().contains("partNumber=2");
  }

  @Override
  public String writePermission() {
    return "s3:PutObject";
  }

  @Test
  void aMissingBucket() {
    URI missing = URI.create("s3://no-such-bucket/file");
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> RemoteFileContract.end(store.file(missing), 10))
        .withMessageContaining(missing.toString())
        .withMessageContaining("s3:GetObject");
    assertThatExceptionOfType(NoSuchFileException.class).isThrownBy(() -> store.list(missing));
  }

  @Test
  void wrongCredentials() {
    RemoteFile file = S3Store.of(wrong).file(address("file"));
    assertThatExceptionOfType(AccessDeniedException.class)
        .isThrownBy(() -> RemoteFileContract.read(file, 0, 10, Optional.empty()))
        .withMessageContaining("403")
        .withMessageContaining("s3:GetObject");
  }

  /** Consoles show directories by such objects. */
  @Test
  void directoriesAreNotListed() throws Exception {
    s3.put("train/", new byte[0]);
    s3.put("train/shard", new byte[1]);
    assertThat(store.list(address("train/"))).containsExactly(address("train/shard"));
  }

  @Test
  void partsGrowToFiveTebibytes() {
    PartSizes sizes = PartSizes.growing();
    assertThat(sizes.largestFile()).isBetween(5L << 40, (5L << 40) + (1L << 38));
    assertThat(sizes.size(0)).isEqualTo(8 << 20);
    assertThat(sizes.size(PartSizes.MAX_PARTS - 1)).isLessThan(5L << 30);
    assertThatThrownBy(() -> store.withPartSize(1 << 20))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theServiceLoaderFindsIt() {
    assertThat(ServiceLoader.load(RemoteStore.class).stream().map(ServiceLoader.Provider::type))
        .contains(S3Store.class);
    try (S3Store found = new S3Store()) { // makes no client
      assertThat(found.schemes()).containsExactly("s3");
    }
  }
}
