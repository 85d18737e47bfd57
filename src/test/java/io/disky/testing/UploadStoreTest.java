package io.disky.testing;

import io.disky.remote.RemoteStore;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The store in memory that other tests use keeps the promises of a store. */
class UploadStoreTest implements RemoteStoreContract {
  private final UploadStore store = new UploadStore();

  @Override
  public RemoteStore store() {
    return store;
  }

  @Override
  public String root() {
    return "test://bucket";
  }

  @Override
  public void put(String key, byte[] bytes) {
    store.files().put(address(key).toString(), bytes);
  }

  @Override
  public byte @Nullable [] get(String key) {
    return store.files().get(address(key).toString());
  }

  @Override
  public List<String> keys() {
    return store.files().keySet().stream()
        .map(name -> URI.create(name).getPath().substring(1))
        .toList();
  }

  @Override
  public long openUploads() {
    return store.openUploads();
  }
}
