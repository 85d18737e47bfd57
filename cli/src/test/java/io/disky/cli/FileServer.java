package io.disky.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/** A server of HTTP that answers requests for ranges of files in memory. */
final class FileServer implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, byte[]> files = new ConcurrentHashMap<>();
  private final List<String> requests = new ArrayList<>();
  private final AtomicLong sent = new AtomicLong();
  private volatile int most = Integer.MAX_VALUE;

  FileServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.setExecutor(threads);
    server.start();
  }

  /** Adds a file. Returns its address. */
  String add(String name, byte[] bytes) {
    files.put("/" + name, bytes);
    return address(name);
  }

  String address(String name) {
    return "http://localhost:" + server.getAddress().getPort() + "/" + name;
  }

  /** From now on, requests for bytes from {@code position} on get the status 403. */
  void refuseFrom(int position) {
    most = position;
  }

  /** How many requests there were so far. */
  int requests() {
    synchronized (requests) {
      return requests.size();
    }
  }

  /** How many bytes of files were sent so far. */
  long sentBytes() {
    return sent.get();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String range = exchange.getRequestHeaders().getFirst("Range");
      synchronized (requests) {
        requests.add(range);
      }
      byte[] bytes = files.get(exchange.getRequestURI().getPath());
      if (bytes == null) {
        exchange.sendResponseHeaders(404, -1);
        return;
      }
      String[] bounds = range.substring("bytes=".length()).split("-", -1);
      boolean end = bounds[0].isEmpty();
      int from =
          end
              ? Math.max(0, bytes.length - Integer.parseInt(bounds[1]))
              : Integer.parseInt(bounds[0]);
      int to = end ? bytes.length : (int) Math.min(bytes.length, Long.parseLong(bounds[1]) + 1);
      if (!end && to > most) {
        exchange.sendResponseHeaders(403, -1);
        return;
      }
      exchange.getResponseHeaders().set("ETag", "\"1\"");
      exchange
          .getResponseHeaders()
          .set("Content-Range", "bytes " + from + "-" + (to - 1) + "/" + bytes.length);
      sent.addAndGet(to - from);
      exchange.sendResponseHeaders(206, to - from);
      exchange.getResponseBody().write(bytes, from, to - from);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }
}
