package io.disky.remote;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** A server of HTTP/1.1 that answers each request as a script says, byte by byte. */
final class ScriptedServer implements AutoCloseable {
  /** Answers a request. */
  interface Script {
    void answer(Request request, Reply reply) throws IOException;
  }

  /**
   * A request.
   *
   * @param headers by names in lower case
   */
  record Request(String path, Map<String, String> headers) {
    /** The first and the last byte that are requested of a file of {@code size} bytes. */
    int[] range(int size) {
      String[] bounds = headers.get("range").substring("bytes=".length()).split("-", -1);
      if (bounds[0].isEmpty()) {
        return new int[] {Math.max(0, size - Integer.parseInt(bounds[1])), size - 1};
      }
      return new int[] {
        Integer.parseInt(bounds[0]), (int) Math.min(size - 1L, Long.parseLong(bounds[1]))
      };
    }
  }

  /** The answer to a request. */
  static final class Reply {
    private final Socket socket;
    private final OutputStream out;

    Reply(Socket socket) throws IOException {
      this.socket = socket;
      this.out = socket.getOutputStream();
    }

    void head(int status, String... headers) throws IOException {
      StringBuilder text = new StringBuilder("HTTP/1.1 " + status + " Reason\r\n");
      for (String header : headers) {
        text.append(header).append("\r\n");
      }
      out.write(text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
    }

    void body(byte[] bytes, int from, int to) throws IOException {
      out.write(bytes, from, to - from);
      out.flush();
    }

    /** Breaks the connection. */
    void reset() throws IOException {
      out.flush();
      socket.setSoLinger(true, 0);
      socket.close();
    }

    void close() throws IOException {
      socket.close();
    }

    void status(int status, String... headers) throws IOException {
      List<String> all = new ArrayList<>(List.of(headers));
      all.add("Content-Length: 0");
      head(status, all.toArray(String[]::new));
      out.flush();
    }

    /** The range of {@code bytes} that was requested. */
    void range(Request request, byte[] bytes, String... headers) throws IOException {
      int[] range = request.range(bytes.length);
      rangeHead(range, bytes.length, headers);
      body(bytes, range[0], range[1] + 1);
    }

    void rangeHead(int[] range, int size, String... headers) throws IOException {
      List<String> all = new ArrayList<>(List.of(headers));
      all.add("Content-Range: bytes " + range[0] + "-" + range[1] + "/" + size);
      all.add("Content-Length: " + (range[1] - range[0] + 1));
      head(206, all.toArray(String[]::new));
    }
  }

  private final ServerSocket server;
  private final Script script;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final List<Request> requests = new ArrayList<>();

  ScriptedServer(Script script) throws IOException {
    this.script = script;
    server = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  URI address(String pathAndQuery) {
    return URI.create("http://localhost:" + server.getLocalPort() + pathAndQuery);
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = server.accept();
        socket.setTcpNoDelay(true);
        sockets.add(socket);
        Thread.ofVirtual().start(() -> serve(socket));
      }
    } catch (IOException _) {
      // closed
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        Map<String, String> headers = new TreeMap<>();
        for (String header = in.readLine(); !header.isEmpty(); header = in.readLine()) {
          int colon = header.indexOf(':');
          headers.put(
              header.substring(0, colon).toLowerCase(Locale.ROOT),
              header.substring(colon + 1).strip());
        }
        Request request = new Request(line.split(" ")[1], headers);
        synchronized (requests) {
          requests.add(request);
        }
        script.answer(request, new Reply(socket));
      }
    } catch (IOException | RuntimeException _) {
      // The client has closed the connection, or the script has.
    } finally {
      sockets.remove(socket);
    }
  }

  List<Request> requests() {
    synchronized (requests) {
      return List.copyOf(requests);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
