package io.disky.s3;

import io.disky.testing.FaultyProxy;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.TransientNio2BlobStore;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.async.AsyncRequestBody;
import software.amazon.awssdk.core.async.AsyncResponseTransformer;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.S3AsyncClientBuilder;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;

/** A server of S3 in this process, whose objects are in memory, and a proxy before it. */
final class LocalS3 implements AutoCloseable {
  static final String BUCKET = "records";
  static final String KEY_ID = "AKIAPLANTEDKEY";
  static final String SECRET = "planted/secret";

  private final S3Proxy server;
  private final S3AsyncClient direct;
  final FaultyProxy proxy;

  LocalS3() throws Exception {
    server =
        S3Proxy.builder()
            .blobStore(new TransientNio2BlobStore())
            .awsAuthentication(AuthenticationType.AWS_V4, KEY_ID, SECRET)
            .endpoint(URI.create("http://127.0.0.1:0"))
            .v4MaxNonChunkedRequestSize(256 << 20)
            .build();
    server.start();
    proxy = new FaultyProxy(server.getPort());
    // Repeats requests: the server sometimes closes a connection that is being used again.
    direct = builder(server.getPort(), SECRET).build();
    direct.createBucket(request -> request.bucket(BUCKET)).join();
  }

  /** A client whose requests go through the proxy. */
  S3AsyncClient client() {
    return client(proxy.port(), SECRET);
  }

  S3AsyncClient client(String secret) {
    return client(proxy.port(), secret);
  }

  /** The port of the server itself. */
  int serverPort() {
    return server.getPort();
  }

  private static S3AsyncClient client(int port, String secret) {
    return builder(port, secret)
        .overrideConfiguration(options -> options.retryStrategy(AwsRetryStrategy.doNotRetry()))
        .build();
  }

  private static S3AsyncClientBuilder builder(int port, String secret) {
    return S3AsyncClient.builder()
        .endpointOverride(URI.create("http://127.0.0.1:" + port))
        .region(Region.US_EAST_1)
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create(KEY_ID, secret)))
        .forcePathStyle(true)
        .httpClientBuilder(NettyNioAsyncHttpClient.builder().maxConcurrency(64));
  }

  static URI address(String key) {
    return URI.create("s3://" + BUCKET + "/" + key);
  }

  /** Writes an object without the library. */
  void put(String key, byte[] bytes) {
    direct
        .putObject(request -> request.bucket(BUCKET).key(key), AsyncRequestBody.fromBytes(bytes))
        .join();
  }

  /** Writes objects of 1 byte without the library, several at a time. */
  void putAll(List<String> keys) {
    int most = 32;
    for (int i = 0; i < keys.size(); i += most) {
      List<CompletableFuture<?>> written = new ArrayList<>();
      for (String key : keys.subList(i, Math.min(keys.size(), i + most))) {
        written.add(
            direct.putObject(
                request -> request.bucket(BUCKET).key(key),
                AsyncRequestBody.fromBytes(new byte[1])));
      }
      written.forEach(CompletableFuture::join);
    }
  }

  /** Reads an object without the library; {@code null} if it does not exist. */
  byte @Nullable [] get(String key) {
    try {
      return direct
          .getObject(request -> request.bucket(BUCKET).key(key), AsyncResponseTransformer.toBytes())
          .join()
          .asByteArray();
    } catch (CompletionException e) {
      if (e.getCause() instanceof NoSuchKeyException) {
        return null;
      }
      throw e;
    }
  }

  void deleteAll() {
    for (List<String> keys = keys(); !keys.isEmpty(); keys = keys()) {
      List<ObjectIdentifier> objects =
          keys.stream().map(key -> ObjectIdentifier.builder().key(key).build()).toList();
      direct
          .deleteObjects(request -> request.bucket(BUCKET).delete(all -> all.objects(objects)))
          .join();
    }
  }

  void delete(String key) {
    direct.deleteObject(request -> request.bucket(BUCKET).key(key)).join();
  }

  List<String> keys() {
    return direct.listObjectsV2(request -> request.bucket(BUCKET)).join().contents().stream()
        .map(object -> object.key())
        .toList();
  }

  List<MultipartUpload> uploads() {
    return direct.listMultipartUploads(request -> request.bucket(BUCKET)).join().uploads();
  }

  @Override
  public void close() throws Exception {
    direct.close();
    proxy.close();
    server.stop();
  }
}
