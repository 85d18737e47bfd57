package io.disky.s3;

import io.disky.objects.ObjectAddress;
import io.disky.objects.StoreNames;
import io.disky.remote.RemoteFile;
import io.disky.remote.RemoteStore;
import io.disky.remote.RemoteUpload;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Objects of S3, and of stores with its interface: MinIO, Ceph, Cloudflare R2. An address is {@code
 * s3://bucket/key}. The part of an address after the bucket is decoded as in every URI: {@code %20}
 * is a space. Thread-safe.
 *
 * <p>The constructor makes a store for the environment; {@link #of} one with a client of the
 * caller, which decides the endpoint, the credentials, the region, and the HTTP client.
 *
 * <p><b>Reading.</b> Each request is a {@code GetObject} of a range. The version of an object is
 * its entity tag; requests after the first one require it ({@code If-Match}), so an object that is
 * replaced during reading is an error. The bytes are copied once, from the HTTP client to the
 * memory of the reader.
 *
 * <p><b>Writing.</b> A file that is smaller than a part is one {@code PutObject}. A larger one is a
 * multipart upload. Its parts have 8 MiB; from part 1,024 on they grow, so that 10,000 parts are 5
 * TiB; {@link #withPartSize} makes them equal. If an existing object must not be replaced, the last
 * request says so ({@code If-None-Match}). An upload whose process was killed stays: a lifecycle
 * rule with {@code AbortIncompleteMultipartUpload} removes it. Objects have the user metadata
 * {@code disky-upload}, by which a repeated request recognises an object that is already complete.
 *
 * <p><b>Repeated requests.</b> The library repeats requests that read and send. {@link #list},
 * {@link #create} and {@link #delete} make up to 6 attempts. The client of the environment repeats
 * nothing itself. A client of the caller should not either: {@code overrideConfiguration(o ->
 * o.retryStrategy(AwsRetryStrategy.doNotRetry()))}; otherwise the numbers of attempts multiply.
 *
 * <p><b>Failures.</b> A missing object or bucket is a {@link NoSuchFileException}, a missing
 * permission an {@link java.nio.file.AccessDeniedException} that names the permission. A request is
 * repeatable after a broken connection, a timeout, the statuses 408, 425, 429, 500, 502, 503, 504
 * and those above 505, and error codes such as {@code SlowDown}. Messages contain the address, the
 * status, and the text and the number of the request that S3 states; they contain no credentials.
 */
public final class S3Store implements RemoteStore {
  private static final StoreNames NAMES = new StoreNames("s3", "S3");
  private static final String LIST = "s3:ListBucket";
  private static final int MAX_CONNECTIONS = 256;
  private static final int MAX_WAITING = 100_000;

  private final PartSizes sizes;

  // Made when it is first needed, because a store is also made to ask for its schemes.
  private final Object lock = new Object();
  private @Nullable S3AsyncClient client;
  private final boolean own;
  private boolean closed;

  /**
   * A store with the region, the credentials and the endpoint of the environment, as the SDK finds
   * them: variables ({@code AWS_REGION}, {@code AWS_ACCESS_KEY_ID}, {@code AWS_ENDPOINT_URL_S3}),
   * profiles, and the role of the machine. With an endpoint, addresses have the bucket in the path.
   * The client is made for the first request, and closed with the store.
   */
  public S3Store() {
    this(null, PartSizes.growing());
  }

  private S3Store(@Nullable S3AsyncClient client, PartSizes sizes) {
    this.client = client;
    this.own = client == null;
    this.sizes = sizes;
  }

  /** A store whose requests {@code client} makes. The caller closes it, after the store. */
  public static S3Store of(S3AsyncClient client) {
    return new S3Store(Objects.requireNonNull(client, "client"), PartSizes.growing());
  }

  /**
   * A store that uploads in parts of one size, as Cloudflare R2 requires. The largest file has
   * 10,000 parts.
   *
   * @param bytes 5 MiB to 1 GiB
   * @throws IllegalArgumentException if {@code bytes} is outside that range
   */
  public S3Store withPartSize(long bytes) {
    if (bytes < PartSizes.MIN_SIZE || bytes > PartSizes.MAX_SIZE) {
      throw new IllegalArgumentException(
          "the size of parts is " + bytes + " bytes; it must be 5 MiB to 1 GiB");
    }
    return new S3Store(own ? null : client(), new PartSizes(bytes));
  }

  private S3AsyncClient client() {
    synchronized (lock) {
      if (closed) {
        throw new IllegalStateException("the store of S3 is closed");
      }
      if (client == null) {
        client = environmentClient();
      }
      return client;
    }
  }

  private static S3AsyncClient environmentClient() {
    return S3AsyncClient.builder()
        .httpClientBuilder(
            NettyNioAsyncHttpClient.builder()
                .maxConcurrency(MAX_CONNECTIONS)
                .maxPendingConnectionAcquires(MAX_WAITING)
                .connectionAcquisitionTimeout(Duration.ofMinutes(1)))
        .overrideConfiguration(options -> options.retryStrategy(AwsRetryStrategy.doNotRetry()))
        // The hashes in the file are checked. A range has no checksum.
        .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
        .forcePathStyle(hasEndpoint())
        .build();
  }

  /** Names of buckets as hosts need entries in the name service, which own servers rarely have. */
  private static boolean hasEndpoint() {
    return System.getenv("AWS_ENDPOINT_URL_S3") != null
        || System.getenv("AWS_ENDPOINT_URL") != null;
  }

  @Override
  public Set<String> schemes() {
    return Set.of(NAMES.scheme());
  }

  /**
   * {@inheritDoc}
   *
   * @throws software.amazon.awssdk.core.exception.SdkClientException if the environment has no
   *     region
   */
  @Override
  public RemoteFile file(URI address) {
    client();
    return new S3File(ObjectAddress.of(NAMES, address), this::client);
  }

  /**
   * The objects whose keys begin with that of {@code prefix}. Needs the permission {@code
   * s3:ListBucket}; one request lists 1,000 objects. Keys that end with a slash, by which consoles
   * show directories, are left out.
   *
   * @throws NoSuchFileException if the bucket does not exist
   * @throws java.nio.file.AccessDeniedException if the permission is missing
   * @throws IOException if a request fails for another reason
   */
  @Override
  public List<URI> list(URI prefix) throws IOException {
    ObjectAddress address = ObjectAddress.prefix(NAMES, prefix);
    S3AsyncClient asked = client();
    List<URI> found = new ArrayList<>();
    String next = null;
    do {
      ListObjectsV2Request request =
          ListObjectsV2Request.builder()
              .bucket(address.bucket())
              .prefix(address.key())
              .continuationToken(next)
              .build();
      ListObjectsV2Response page =
          S3Requests.make(
              address.name(),
              LIST,
              () -> asked.listObjectsV2(request).thenApply(answer -> complete(answer, address)));
      for (S3Object object : page.contents()) {
        if (!object.key().endsWith("/")) {
          found.add(address.sibling(object.key()));
        }
      }
      next = page.isTruncated() ? page.nextContinuationToken() : null;
    } while (next != null);
    return found;
  }

  private static ListObjectsV2Response complete(
      ListObjectsV2Response answer, ObjectAddress address) {
    if (answer.isTruncated() == null) {
      throw S3Failures.incomplete(address.name(), LIST, "IsTruncated");
    }
    return answer;
  }

  /**
   * {@inheritDoc}
   *
   * <p>Needs the permission {@code s3:PutObject}, {@code s3:AbortMultipartUpload} to abort, and
   * without {@code replace} also {@code s3:GetObject}, for a request that looks for the object.
   */
  @Override
  public RemoteUpload create(URI address, boolean replace) throws IOException {
    ObjectAddress object = ObjectAddress.of(NAMES, address);
    if (!replace && exists(object)) {
      throw new FileAlreadyExistsException(
          object.name(), null, "choose OpenMode.OVERWRITE to replace the object");
    }
    return new S3Upload(object, replace, client(), sizes);
  }

  private boolean exists(ObjectAddress object) throws IOException {
    S3AsyncClient asked = client();
    try {
      var _ =
          S3Requests.make(
              object.name(),
              "s3:GetObject",
              () -> asked.headObject(request -> request.bucket(object.bucket()).key(object.key())));
      return true;
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /** {@inheritDoc} Needs the permission {@code s3:DeleteObject}. */
  @Override
  public void delete(URI address) throws IOException {
    ObjectAddress object = ObjectAddress.of(NAMES, address);
    S3AsyncClient asked = client();
    var _ =
        S3Requests.make(
            object.name(),
            "s3:DeleteObject",
            () -> asked.deleteObject(request -> request.bucket(object.bucket()).key(object.key())));
  }

  /** Closes the client, unless it is the caller's. */
  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
      if (own && client != null) {
        client.close();
      }
    }
  }

  /** The kind of the store. */
  @Override
  public String toString() {
    return "S3Store";
  }
}
