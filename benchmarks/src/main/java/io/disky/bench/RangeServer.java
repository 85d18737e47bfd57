package io.disky.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/**
 * A server of HTTP for ranges of one file. Each answer begins after a delay, and each connection
 * has a largest rate, as those to an object store do. The bytes go from the page cache to the
 * connection without a copy in this process, so that the client has the processors.
 */
public final class RangeServer {
  private static final int PIECE = 256 << 10;
  private static final int LONGEST_HEAD = 16 << 10;

  private final FileChannel file;
  private final long size;
  private final Duration delay;
  private final long rate;

  private RangeServer(Path file, Duration delay, long rate) throws IOException {
    this.file = FileChannel.open(file);
    this.size = this.file.size();
    this.delay = delay;
    this.rate = rate;
  }

  /**
   * Serves the file {@code args[0]} with a delay of {@code args[1]} milliseconds and {@code
   * args[2]} bytes per second and connection, until the process is ended. Prints the port.
   */
  public static void main(String[] args) throws IOException {
    Duration delay = Duration.ofMillis(Long.parseLong(args[1]));
    RangeServer server = new RangeServer(Path.of(args[0]), delay, Long.parseLong(args[2]));
    try (ServerSocketChannel socket = ServerSocketChannel.open()) {
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 256);
      System.out.println(((InetSocketAddress) socket.getLocalAddress()).getPort());
      while (true) {
        SocketChannel client = socket.accept();
        Thread.ofPlatform().daemon().start(() -> server.serve(client));
      }
    }
  }

  private void serve(SocketChannel client) {
    try (client) {
      client.setOption(StandardSocketOptions.TCP_NODELAY, true);
      ByteBuffer head = ByteBuffer.allocate(LONGEST_HEAD);
      while (true) {
        answer(client, head(client, head));
      }
    } catch (IOException | InterruptedException _) {
      // The client has ended the connection.
    }
  }

  private static String head(SocketChannel client, ByteBuffer buffer) throws IOException {
    buffer.clear();
    String head;
    do {
      if (client.read(buffer) <= 0) {
        throw new EOFException();
      }
      head = ISO_8859_1.decode(buffer.duplicate().flip()).toString();
    } while (!head.endsWith("\r\n\r\n"));
    return head.toLowerCase(Locale.ROOT);
  }

  private void answer(SocketChannel client, String head) throws IOException, InterruptedException {
    int begin = head.indexOf("bytes=") + "bytes=".length();
    String[] range = head.substring(begin, head.indexOf('\r', begin)).split("-", -1);
    long from = 0;
    long to = size;
    if (range[0].isEmpty()) {
      from = Math.max(0, size - Long.parseLong(range[1]));
    } else {
      from = Long.parseLong(range[0]);
      to = Math.min(size, Long.parseLong(range[1]) + 1);
    }
    Thread.sleep(delay);
    String answer =
        "HTTP/1.1 206 Partial Content\r\nETag: \"1\"\r\nContent-Range: bytes "
            + from
            + "-"
            + (to - 1)
            + "/"
            + size
            + "\r\nContent-Length: "
            + (to - from)
            + "\r\n\r\n";
    client.write(ByteBuffer.wrap(answer.getBytes(ISO_8859_1)));
    send(client, from, to);
  }

  private void send(SocketChannel client, long from, long to)
      throws IOException, InterruptedException {
    long begin = System.nanoTime();
    long at = from;
    while (at < to) {
      long end = Math.min(to, at + PIECE);
      while (at < end) {
        at += file.transferTo(at, end - at, client);
      }
      double due = (double) (at - from) / rate * 1e9 - (System.nanoTime() - begin);
      Thread.sleep(Duration.ofNanos(Math.max(0, (long) due)));
    }
  }
}
