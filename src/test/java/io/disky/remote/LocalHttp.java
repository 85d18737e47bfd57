package io.disky.remote;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.disky.testing.FaultyProxy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A server of files in memory with ranges and entity tags, and a proxy before it. */
final class LocalHttp implements AutoCloseable {
  private record Stored(byte[] bytes, String tag) {}

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer server;
  private final Map<String, Stored> files = new ConcurrentHashMap<>();
  private int lastTag;
  final FaultyProxy proxy;

  LocalHttp() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
    proxy = new FaultyProxy(server.getAddress().getPort());
  }

  /** Stores a file; {@code path} is that of its address, with escapes. */
  synchronized void put(String path, byte[] bytes) {
    files.put(path, new Stored(bytes, "\"" + ++lastTag + "\""));
  }

  void clear() {
    files.clear();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      Stored stored = files.get(exchange.getRequestURI().getRawPath());
      String required = exchange.getRequestHeaders().getFirst("If-Match");
      if (stored == null) {
        exchange.sendResponseHeaders(404, -1);
      } else if (required != null && !required.equals(stored.tag)) {
        exchange.sendResponseHeaders(412, -1);
      } else {
        exchange.getResponseHeaders().set("ETag", stored.tag);
        range(exchange, stored.bytes);
      }
    }
  }

  private static void range(HttpExchange exchange, byte[] bytes) throws IOException {
    String[] ends =
        exchange.getRequestHeaders().getFirst("Range").substring("bytes=".length()).split("-", 2);
    long size = bytes.length;
    long begin =
        ends[0].isEmpty() ? Math.max(0, size - Long.parseLong(ends[1])) : Long.parseLong(ends[0]);
    long end = ends[0].isEmpty() ? size : Math.min(size, Long.parseLong(ends[1]) + 1);
    if (begin >= size) {
      exchange.getResponseHeaders().set("Content-Range", "bytes */" + size);
      exchange.sendResponseHeaders(416, -1);
      return;
    }
    exchange
        .getResponseHeaders()
        .set("Content-Range", "bytes " + begin + "-" + (end - 1) + "/" + size);
    exchange.sendResponseHeaders(206, end - begin);
    exchange.getResponseBody().write(bytes, (int) begin, (int) (end - begin));
  }

  @Override
  public void close() throws IOException {
    proxy.close();
    server.stop(0);
    threads.close();
  }
}
