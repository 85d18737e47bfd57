package io.disky.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A server of HTTP that answers requests for ranges of one file, with a strong entity tag. */
public final class RangeServer implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final byte[] bytes;

  public RangeServer(Path file) throws IOException {
    bytes = Files.readAllBytes(file);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.setExecutor(threads);
    server.start();
  }

  /** The address of the file. */
  public URI address() {
    return URI.create("http://localhost:" + server.getAddress().getPort() + "/file");
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String range = exchange.getRequestHeaders().getFirst("Range");
      String[] bounds = range.substring("bytes=".length()).split("-", -1);
      int from = bounds[0].isEmpty() ? 0 : Integer.parseInt(bounds[0]);
      int to = (int) Math.min(bytes.length, Long.parseLong(bounds[1]) + 1);
      if (bounds[0].isEmpty()) {
        from = Math.max(0, bytes.length - Integer.parseInt(bounds[1]));
        to = bytes.length;
      }
      var headers = exchange.getResponseHeaders();
      headers.set("ETag", "\"1\"");
      headers.set("Content-Range", "bytes " + from + "-" + (to - 1) + "/" + bytes.length);
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
