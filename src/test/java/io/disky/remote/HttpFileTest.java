package io.disky.remote;

import io.disky.testing.FaultyProxy;
import io.disky.testing.FaultyProxy.Fault;
import io.disky.testing.RemoteServerContract;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;

/** Files on a server of HTTP, through a proxy that plants faults. */
@Timeout(120)
class HttpFileTest implements RemoteServerContract {
  private static LocalHttp server;

  private final HttpStore store = new HttpStore();

  @BeforeAll
  static void start() throws IOException {
    server = new LocalHttp();
  }

  @AfterAll
  static void stop() throws IOException {
    server.close();
  }

  @AfterEach
  void tidyUp() {
    store.close();
    server.proxy.faults(_ -> Fault.NONE);
    server.clear();
  }

  @Override
  public RemoteStore store() {
    return store;
  }

  @Override
  public String root() {
    return "http://localhost:" + server.proxy.port();
  }

  @Override
  public void put(String key, byte[] bytes) {
    server.put(address(key).getRawPath(), bytes);
  }

  @Override
  public FaultyProxy proxy() {
    return server.proxy;
  }

  @Override
  public String versionHeader() {
    return "ETag: \"1\"\r\n";
  }

  @Override
  public RemoteStore secretStore() {
    return new HttpStore();
  }

  @Override
  public URI secretAddress(String key) {
    return URI.create(
        address(key).toString().replace("//", "//id:planted@") + "?signature=planted%2Fsignature");
  }

  @Override
  public List<String> secrets() {
    return List.of("planted", "signature=", "aWQ6cGxhbnRlZA"); // the last is id:planted in base 64
  }
}
