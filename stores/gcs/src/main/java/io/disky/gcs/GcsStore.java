package io.disky.gcs;

import com.google.api.client.http.HttpRequestInitializer;
import com.google.api.client.http.apache.v5.Apache5HttpTransport;
import com.google.api.client.json.gson.GsonFactory;
import com.google.api.services.storage.Storage;
import com.google.api.services.storage.StorageScopes;
import com.google.api.services.storage.model.StorageObject;
import com.google.auth.http.HttpCredentialsAdapter;
import com.google.auth.oauth2.GoogleCredentials;
import io.disky.objects.ObjectAddress;
import io.disky.objects.StoreNames;
import io.disky.remote.RemoteFile;
import io.disky.remote.RemoteRequestException;
import io.disky.remote.RemoteStore;
import io.disky.remote.RemoteUpload;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Objects of Google Cloud Storage. An address is {@code gs://bucket/object}. The part of an address
 * after the bucket is decoded as in every URI: {@code %20} is a space. Thread-safe.
 *
 * <p>The constructor makes a store with the application default credentials; {@link #of} one with a
 * client of the caller.
 *
 * <p><b>Reading.</b> Each request reads a range of an object. The version of an object is its
 * generation; requests after the first one require it, so an object that is replaced during reading
 * is an error.
 *
 * <p><b>Writing.</b> A file is a resumable upload, which takes parts of 16 MiB in order, one at a
 * time; several writers send at the same time. If an existing object must not be replaced, the
 * upload requires that none exists when it is completed. An upload whose process was killed ends
 * after a week, and is not visible before.
 *
 * <p><b>Threads.</b> The client blocks: each request has a virtual thread.
 *
 * <p><b>Repeated requests.</b> The library repeats requests that read and send. {@link #list},
 * {@link #create} and {@link #delete} make up to 6 attempts. The client repeats a request only
 * after its token has expired.
 *
 * <p><b>Failures.</b> A missing object or bucket is a {@link NoSuchFileException}, a missing
 * permission an {@link java.nio.file.AccessDeniedException} that names the permission. A request is
 * repeatable after a broken connection, a timeout, and the statuses 408, 425, 429, 500, 502, 503,
 * 504 and those above 505. Messages contain the address, the status and the text that the store
 * states; they contain no credentials.
 */
public final class GcsStore implements RemoteStore {
  private static final int MAX_CONNECTIONS = 256;
  private static final int READ_TIMEOUT_MILLIS = 60_000;
  private static final String EMULATOR = "STORAGE_EMULATOR_HOST";
  private static final StoreNames NAMES = new StoreNames("gs", "Cloud Storage");
  private static final String LIST = "storage.objects.list";

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  // Made when it is first needed, because a store is also made to ask for its schemes.
  private final Object lock = new Object();
  private @Nullable Storage client;
  private final boolean own;
  private boolean closed;

  /**
   * A store with the application default credentials, as Google's libraries find them: the file
   * that {@code GOOGLE_APPLICATION_CREDENTIALS} names, those of {@code gcloud}, or the service
   * account of the machine. If {@code STORAGE_EMULATOR_HOST} is set, requests go to that address
   * without credentials. The client is made for the first request, and closed with the store.
   */
  public GcsStore() {
    this(null);
  }

  private GcsStore(@Nullable Storage client) {
    this.client = client;
    this.own = client == null;
  }

  /** A store whose requests {@code client} makes. The caller closes its transport. */
  public static GcsStore of(Storage client) {
    return new GcsStore(Objects.requireNonNull(client, "client"));
  }

  private Storage client() {
    synchronized (lock) {
      if (closed) {
        throw new IllegalStateException("the store of Cloud Storage is closed");
      }
      if (client == null) {
        client = environmentClient();
      }
      return client;
    }
  }

  /** Runs a request, each on a thread of its own. */
  private void execute(Runnable request) {
    try {
      threads.execute(request);
    } catch (RejectedExecutionException e) {
      throw new IllegalStateException("the store of Cloud Storage is closed", e);
    }
  }

  private static Storage environmentClient() {
    String emulator = System.getenv(EMULATOR);
    return emulator == null
        ? client(Storage.DEFAULT_ROOT_URL, credentials())
        : client(emulator.endsWith("/") ? emulator : emulator + "/", _ -> {});
  }

  private static HttpRequestInitializer credentials() {
    try {
      return new HttpCredentialsAdapter(
          GoogleCredentials.getApplicationDefault()
              .createScoped(StorageScopes.DEVSTORAGE_READ_WRITE));
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  /** A client with as many connections as readers make requests at a time. */
  static Storage client(String root, HttpRequestInitializer credentials) {
    Apache5HttpTransport transport =
        new Apache5HttpTransport(
            Apache5HttpTransport.newDefaultHttpClientBuilder()
                .setConnectionManager(
                    PoolingHttpClientConnectionManagerBuilder.create()
                        .setMaxConnTotal(MAX_CONNECTIONS)
                        .setMaxConnPerRoute(MAX_CONNECTIONS)
                        .build())
                .disableAutomaticRetries()
                .build());
    return new Storage.Builder(
            transport,
            GsonFactory.getDefaultInstance(),
            request -> {
              credentials.initialize(request);
              request.setReadTimeout(READ_TIMEOUT_MILLIS);
            })
        .setRootUrl(root)
        .setApplicationName("disky")
        .build();
  }

  @Override
  public Set<String> schemes() {
    return Set.of(NAMES.scheme());
  }

  /**
   * {@inheritDoc}
   *
   * @throws UncheckedIOException if the environment has no credentials
   */
  @Override
  public RemoteFile file(URI address) {
    return new GcsFile(ObjectAddress.of(NAMES, address), client(), this::execute);
  }

  /**
   * The objects whose names begin with that of {@code prefix}. Needs the permission {@code
   * storage.objects.list}; one request lists 1,000 objects. Names that end with a slash, by which
   * consoles show directories, are left out.
   *
   * @throws NoSuchFileException if the bucket does not exist
   * @throws java.nio.file.AccessDeniedException if the permission is missing
   * @throws IOException if a request fails for another reason
   */
  @Override
  public List<URI> list(URI prefix) throws IOException {
    ObjectAddress address = ObjectAddress.prefix(NAMES, prefix);
    List<URI> found = new ArrayList<>();
    String next = null;
    do {
      com.google.api.services.storage.model.Objects page = page(address, next);
      List<StorageObject> items = page.getItems();
      for (StorageObject object : items == null ? List.<StorageObject>of() : items) {
        if (!object.getName().endsWith("/")) {
          found.add(address.sibling(object.getName()));
        }
      }
      next = page.getNextPageToken();
    } while (next != null);
    return found;
  }

  private com.google.api.services.storage.model.Objects page(
      ObjectAddress address, @Nullable String token) throws IOException {
    Storage asked = client();
    return GcsRequests.make(
        address.name(),
        LIST,
        () -> {
          Storage.Objects.List list =
              asked
                  .objects()
                  .list(address.bucket())
                  .setPrefix(address.key())
                  .setPageToken(token)
                  .setFields("kind,nextPageToken,items(name)");
          return complete(list, address);
        });
  }

  private static com.google.api.services.storage.model.Objects complete(
      Storage.Objects.List list, ObjectAddress address) throws IOException {
    RuntimeException cause = null;
    try {
      com.google.api.services.storage.model.Objects page = list.execute();
      if (page != null && page.getKind() != null) {
        return page;
      }
    } catch (IllegalArgumentException e) {
      cause = e; // of the parser
    }
    throw new RemoteRequestException(
        address.name() + ": " + LIST + ": the answer is not complete", true, null, cause);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Needs the permission {@code storage.objects.create}; with {@code replace}, if the object
   * exists, also {@code storage.objects.delete}; without it {@code storage.objects.get}, for a
   * request that looks for the object.
   */
  @Override
  public RemoteUpload create(URI address, boolean replace) throws IOException {
    ObjectAddress object = ObjectAddress.of(NAMES, address);
    if (!replace && exists(object)) {
      throw new FileAlreadyExistsException(
          object.name(), null, "choose OpenMode.OVERWRITE to replace the object");
    }
    return new GcsUpload(object, replace, client(), this::execute);
  }

  private boolean exists(ObjectAddress object) throws IOException {
    Storage asked = client();
    try {
      var _ =
          GcsRequests.make(
              object.name(),
              GcsFile.ACTION,
              () ->
                  asked
                      .objects()
                      .get(object.bucket(), object.key())
                      .setFields("generation")
                      .execute());
      return true;
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /** {@inheritDoc} Needs the permission {@code storage.objects.delete}. */
  @Override
  public void delete(URI address) throws IOException {
    ObjectAddress object = ObjectAddress.of(NAMES, address);
    Storage asked = client();
    try {
      var _ =
          GcsRequests.make(
              object.name(),
              "storage.objects.delete",
              () -> asked.objects().delete(object.bucket(), object.key()).execute());
    } catch (NoSuchFileException e) {
      return; // as the interface says
    }
  }

  /** Waits for the requests that are on their way; closes the client, unless it is the caller's. */
  @Override
  public void close() {
    Storage closing;
    synchronized (lock) {
      closed = true;
      closing = own ? client : null;
    }
    threads.close();
    if (closing != null) {
      try {
        closing.getRequestFactory().getTransport().shutdown();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** The kind of the store. */
  @Override
  public String toString() {
    return "GcsStore";
  }
}
