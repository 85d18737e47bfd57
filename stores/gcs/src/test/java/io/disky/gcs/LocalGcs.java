package io.disky.gcs;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.api.services.storage.Storage;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.disky.testing.FaultyProxy;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A server with the part of Cloud Storage's JSON interface that the module uses, as Google
 * documents it, and a proxy before it. Objects are in memory.
 */
final class LocalGcs implements AutoCloseable {
  static final String BUCKET = "records";

  private static final int PAGE = 1_000;
  private static final int UNIT = 256 << 10;
  private static final Pattern OBJECT =
      Pattern.compile("(?:/download)?/storage/v1/b/([^/]+)/o/([^/]+)");
  private static final Pattern OBJECTS = Pattern.compile("(?:/upload)?/storage/v1/b/([^/]+)/o");

  private record Stored(byte[] bytes, long generation) {}

  private static final class Session {
    private final String name;
    private final boolean mustBeNew;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private boolean complete;

    Session(String name, boolean mustBeNew) {
      this.name = name;
      this.mustBeNew = mustBeNew;
    }
  }

  private final HttpServer server;
  private final Map<String, Stored> objects = new TreeMap<>();
  private final Map<String, Session> sessions = new HashMap<>();
  private long lastGeneration = 1_000;
  final FaultyProxy proxy;

  LocalGcs() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::answer);
    server.start();
    proxy = new FaultyProxy(server.getAddress().getPort());
  }

  /** A client whose requests go through the proxy. */
  Storage client() {
    return GcsStore.client("http://127.0.0.1:" + proxy.port() + "/", _ -> {});
  }

  synchronized void put(String name, byte[] bytes) {
    objects.put(name, new Stored(bytes, ++lastGeneration));
  }

  synchronized byte @Nullable [] get(String name) {
    Stored stored = objects.get(name);
    return stored == null ? null : stored.bytes;
  }

  synchronized List<String> names() {
    return List.copyOf(objects.keySet());
  }

  synchronized void reset() {
    objects.clear();
    sessions.clear();
  }

  /** Number of uploads that are neither complete nor cancelled. */
  synchronized long openSessions() {
    return sessions.values().stream().filter(session -> !session.complete).count();
  }

  private synchronized void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      String path = exchange.getRequestURI().getRawPath();
      Matcher object = OBJECT.matcher(path);
      Matcher all = OBJECTS.matcher(path);
      if (path.startsWith("/session/")) {
        session(exchange, path, body);
      } else if (object.matches()) {
        object(exchange, decoded(object.group(1)), decoded(object.group(2)));
      } else if (all.matches() && path.startsWith("/upload")) {
        begin(exchange);
      } else if (all.matches() && all.group(1).equals(BUCKET)) {
        list(exchange);
      } else {
        send(exchange, 404, "{\"error\":{\"code\":404,\"message\":\"no such bucket\"}}");
      }
    }
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), UTF_8);
  }

  private static Map<String, String> query(HttpExchange exchange) {
    Map<String, String> query = new HashMap<>();
    String raw = exchange.getRequestURI().getRawQuery();
    for (String part : raw == null ? new String[0] : raw.split("&")) {
      String[] pair = part.split("=", 2);
      query.put(pair[0], decoded(pair[1]));
    }
    return query;
  }

  private void object(HttpExchange exchange, String bucket, String name) throws IOException {
    Stored stored = bucket.equals(BUCKET) ? objects.get(name) : null;
    Map<String, String> query = query(exchange);
    String required = query.get("ifGenerationMatch");
    if (stored == null) {
      send(exchange, 404, "{\"error\":{\"code\":404,\"message\":\"No such object\"}}");
    } else if (required != null && Long.parseLong(required) != stored.generation) {
      send(exchange, 412, "{\"error\":{\"code\":412,\"message\":\"conditionNotMet\"}}");
    } else if (exchange.getRequestMethod().equals("DELETE")) {
      objects.remove(name);
      send(exchange, 204, "");
    } else if ("media".equals(query.get("alt"))) {
      media(exchange, stored);
    } else {
      send(exchange, 200, metadata(stored));
    }
  }

  private static String metadata(Stored stored) {
    return "{\"generation\":\""
        + stored.generation
        + "\",\"size\":\""
        + stored.bytes.length
        + "\"}";
  }

  private static void media(HttpExchange exchange, Stored stored) throws IOException {
    int size = stored.bytes.length;
    String range = exchange.getRequestHeaders().getFirst("Range");
    int begin = 0;
    int end = size;
    if (range != null) {
      String[] ends = range.substring("bytes=".length()).split("-", 2);
      begin =
          ends[0].isEmpty()
              ? Math.max(0, size - Integer.parseInt(ends[1]))
              : Integer.parseInt(ends[0]);
      end = ends[0].isEmpty() ? size : (int) Math.min(size, Long.parseLong(ends[1]) + 1);
      if (begin >= size) {
        send(exchange, 416, "");
        return;
      }
      exchange
          .getResponseHeaders()
          .set("Content-Range", "bytes " + begin + "-" + (end - 1) + "/" + size);
    }
    exchange.getResponseHeaders().set("x-goog-generation", Long.toString(stored.generation));
    exchange.sendResponseHeaders(range == null ? 200 : 206, size == 0 ? -1 : end - begin);
    if (size > 0) {
      exchange.getResponseBody().write(stored.bytes, begin, end - begin);
    }
  }

  private void list(HttpExchange exchange) throws IOException {
    Map<String, String> query = query(exchange);
    String prefix = query.getOrDefault("prefix", "");
    String after = query.getOrDefault("pageToken", "");
    List<String> page =
        objects.keySet().stream()
            .filter(name -> name.startsWith(prefix) && name.compareTo(after) > 0)
            .toList();
    StringBuilder json = new StringBuilder("{\"kind\":\"storage#objects\"");
    if (page.size() > PAGE) {
      page = page.subList(0, PAGE);
      json.append(",\"nextPageToken\":\"").append(page.getLast()).append('"');
    }
    String items =
        page.stream()
            .map(name -> "{\"name\":\"" + name.replace("\\", "\\\\").replace("\"", "\\\"") + "\"}")
            .reduce((a, b) -> a + "," + b)
            .orElse("");
    send(exchange, 200, json + (items.isEmpty() ? "" : ",\"items\":[" + items + "]") + "}");
  }

  private void begin(HttpExchange exchange) throws IOException {
    Map<String, String> query = query(exchange);
    String id = "/session/" + ++lastGeneration;
    sessions.put(id, new Session(query.get("name"), "0".equals(query.get("ifGenerationMatch"))));
    exchange
        .getResponseHeaders()
        .set("Location", "http://" + exchange.getRequestHeaders().getFirst("Host") + id);
    send(exchange, 200, "");
  }

  private void session(HttpExchange exchange, String id, byte[] body) throws IOException {
    Session session = sessions.get(id);
    if (session == null) {
      send(exchange, 410, "");
    } else if (exchange.getRequestMethod().equals("DELETE")) {
      sessions.remove(id);
      send(exchange, 499, "");
    } else if (session.complete) {
      send(exchange, 200, metadata(objects.get(session.name)));
    } else {
      take(exchange, session, body);
    }
  }

  private void take(HttpExchange exchange, Session session, byte[] body) throws IOException {
    String[] stated =
        exchange
            .getRequestHeaders()
            .getFirst("Content-Range")
            .substring("bytes ".length())
            .split("/", 2);
    boolean last = !stated[1].equals("*");
    if (!stated[0].equals("*")) {
      int begin = Integer.parseInt(stated[0].substring(0, stated[0].indexOf('-')));
      if (begin != session.bytes.size()) {
        send(exchange, 503, "");
        return;
      }
      int kept = last ? body.length : body.length / UNIT * UNIT;
      session.bytes.write(Arrays.copyOf(body, kept), 0, kept);
    }
    if (!last) {
      if (session.bytes.size() > 0) {
        exchange.getResponseHeaders().set("Range", "bytes=0-" + (session.bytes.size() - 1));
      }
      send(exchange, 308, "");
    } else if (Integer.parseInt(stated[1]) != session.bytes.size()) {
      send(exchange, 400, "");
    } else if (session.mustBeNew && objects.containsKey(session.name)) {
      send(exchange, 412, "");
    } else {
      put(session.name, session.bytes.toByteArray());
      session.complete = true;
      send(exchange, 200, metadata(objects.get(session.name)));
    }
  }

  private static void send(HttpExchange exchange, int status, String json) throws IOException {
    byte[] body = json.getBytes(UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    if (body.length > 0) {
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() throws IOException {
    proxy.close();
    server.stop(0);
  }
}
