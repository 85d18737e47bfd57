package io.disky.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A proxy between a client of HTTP and a server on this machine, which does to requests what a test
 * decides. Each request has a connection of its own to the server.
 */
public final class FaultyProxy implements AutoCloseable {
  /**
   * A request.
   *
   * @param target path and query, as the client has sent them
   * @param number number of requests with this method and target so far, from 1 on
   */
  public record Request(String method, String target, int number) {}

  /** What happens to a request. */
  public sealed interface Fault {
    /** The server answers. */
    Fault NONE = new Pass(Long.MAX_VALUE, false);

    /** The proxy answers, and the server does not get the request. */
    static Fault status(int status, String headers, String body) {
      return new Status(status, headers, body);
    }

    /** The connection ends after these bytes of the server's answer. */
    static Fault truncated(long bytes) {
      return new Pass(bytes, false);
    }

    /** The connection breaks after these bytes of the server's answer. */
    static Fault reset(long bytes) {
      return new Pass(bytes, true);
    }
  }

  private record Status(int status, String headers, String body) implements Fault {}

  private record Pass(long bytes, boolean reset) implements Fault {}

  private final ServerSocket socket;
  private final int server;
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private final ConcurrentHashMap<String, Integer> numbers = new ConcurrentHashMap<>();
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private volatile Function<Request, Fault> faults = _ -> Fault.NONE;
  private volatile Duration latency = Duration.ZERO;

  /** A proxy for the server at {@code port} of this machine. */
  public FaultyProxy(int port) throws IOException {
    this.server = port;
    this.socket = new ServerSocket(0, 256, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  /** What happens to requests from now on. Their numbers begin with 1 again. */
  public void faults(Function<Request, Fault> faults) {
    numbers.clear();
    this.faults = faults;
  }

  /** How long each request waits before the server gets it. */
  public void latency(Duration latency) {
    this.latency = latency;
  }

  public int port() {
    return socket.getLocalPort();
  }

  /** All requests so far. */
  public List<Request> requests() {
    return requests;
  }

  private void accept() {
    while (!socket.isClosed()) {
      try {
        Socket client = socket.accept();
        connections.add(client);
        Thread.ofVirtual().start(() -> serve(client));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      String head = head(client.getInputStream());
      if (head != null) {
        answer(client, head);
      }
    } catch (IOException | InterruptedException e) {
      // The client or the server has ended the connection.
    } finally {
      connections.remove(client);
    }
  }

  private void answer(Socket client, String head) throws IOException, InterruptedException {
    if (head.toLowerCase(Locale.ROOT).contains("expect: 100-continue")) {
      write(client.getOutputStream(), "HTTP/1.1 100 Continue\r\n\r\n");
    }
    byte[] body = body(client.getInputStream(), head);
    String[] line = head.split(" ", 3);
    String key = line[0] + " " + line[1];
    Request request = new Request(line[0], line[1], numbers.merge(key, 1, Integer::sum));
    requests.add(request);
    Thread.sleep(latency);
    switch (faults.apply(request)) {
      case Status status -> refuse(client, status);
      case Pass pass -> pass(client, head, body, pass);
    }
  }

  private static void refuse(Socket client, Status status) throws IOException {
    write(
        client.getOutputStream(),
        "HTTP/1.1 "
            + status.status
            + " Planted\r\nConnection: close\r\nContent-Length: "
            + status.body.length()
            + "\r\n"
            + status.headers
            + "\r\n"
            + status.body);
  }

  private void pass(Socket client, String head, byte[] body, Pass pass) throws IOException {
    try (Socket upstream = new Socket(InetAddress.getLoopbackAddress(), server)) {
      connections.add(upstream);
      OutputStream out = upstream.getOutputStream();
      write(out, withoutHeaders(head) + "Connection: close\r\n\r\n");
      out.write(body);
      out.flush();
      boolean complete = copy(closing(upstream), client.getOutputStream(), pass.bytes);
      if (!complete && pass.reset) {
        client.setSoLinger(true, 0);
      }
      connections.remove(upstream);
    }
  }

  /** The answer of the server, which says that the connection ends with it. */
  private static InputStream closing(Socket upstream) throws IOException {
    InputStream answer = upstream.getInputStream();
    ByteArrayOutputStream status = new ByteArrayOutputStream();
    String line = line(answer, status);
    if (!line.isEmpty()) {
      status.writeBytes("Connection: close\r\n".getBytes(ISO_8859_1));
    }
    return new SequenceInputStream(new ByteArrayInputStream(status.toByteArray()), answer);
  }

  /** Returns whether all bytes were copied. */
  private static boolean copy(InputStream from, OutputStream to, long most) throws IOException {
    byte[] bytes = new byte[64 << 10];
    long left = most;
    int read = from.read(bytes);
    while (read >= 0) {
      int copied = (int) Math.min(read, left);
      to.write(bytes, 0, copied);
      left -= copied;
      if (copied < read) {
        to.flush();
        from.transferTo(OutputStream.nullOutputStream()); // the server completes its work
        return false;
      }
      read = from.read(bytes);
    }
    to.flush();
    return true;
  }

  /** The head of a request with its empty line; {@code null} if the connection has ended. */
  private static @Nullable String head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    int last = 0;
    while (last != 0x0d0a0d0a) {
      int next = in.read();
      if (next < 0) {
        return null;
      }
      head.write(next);
      last = last << 8 | next;
    }
    return head.toString(ISO_8859_1);
  }

  private static byte[] body(InputStream in, String head) throws IOException {
    String lower = head.toLowerCase(Locale.ROOT);
    if (lower.contains("\r\ntransfer-encoding: chunked")) {
      return chunkedBody(in);
    }
    int at = lower.indexOf("\r\ncontent-length:");
    if (at < 0) {
      return new byte[0];
    }
    int begin = at + "\r\ncontent-length:".length();
    int length = Integer.parseInt(lower.substring(begin, lower.indexOf("\r\n", begin)).strip());
    byte[] body = in.readNBytes(length);
    if (body.length < length) {
      throw new EOFException();
    }
    return body;
  }

  /** The chunks as they are, with their sizes. */
  private static byte[] chunkedBody(InputStream in) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    int size;
    do {
      String line = line(in, body);
      size = Integer.parseInt(line.strip().split(";", 2)[0], 16);
      body.write(in.readNBytes(size + 2));
    } while (size > 0);
    return body.toByteArray();
  }

  private static String line(InputStream in, ByteArrayOutputStream copy) throws IOException {
    StringBuilder line = new StringBuilder();
    int next = in.read();
    while (next >= 0 && next != '\n') {
      line.append((char) next);
      copy.write(next);
      next = in.read();
    }
    copy.write('\n');
    return line.toString();
  }

  /** The head without its empty line, and without headers that are for the proxy. */
  private static String withoutHeaders(String head) {
    StringBuilder kept = new StringBuilder();
    for (String line : head.strip().split("\r\n", -1)) {
      String lower = line.toLowerCase(Locale.ROOT);
      if (!lower.startsWith("expect:") && !lower.startsWith("connection:")) {
        kept.append(line).append("\r\n");
      }
    }
    return kept.toString();
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(ISO_8859_1));
    out.flush();
  }

  /** The address of the proxy. */
  public InetSocketAddress address() {
    return (InetSocketAddress) socket.getLocalSocketAddress();
  }

  @Override
  public void close() throws IOException {
    socket.close();
    for (Socket connection : connections) {
      connection.close();
    }
  }
}
