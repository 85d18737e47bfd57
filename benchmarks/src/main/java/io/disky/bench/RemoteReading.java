package io.disky.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.disky.RandomAccessOptions;
import io.disky.RandomAccessReader;
import io.disky.ReaderOptions;
import io.disky.RecordReader;
import io.disky.remote.HttpStore;
import io.disky.remote.RemoteMetrics;
import io.disky.remote.RemoteOptions;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A program that reads a file from a {@link RangeServer}, and prints the time of each pass in
 * nanoseconds.
 */
public final class RemoteReading {
  /** The number of scattered records. */
  static final int SCATTERED = 10_000;

  /** The number of requests at a time for scattered records. */
  static final int SCATTERED_REQUESTS = 64;

  private static final int CONNECTIONS = RemoteOptions.DEFAULT_MAX_REQUESTS;
  private static final int REQUEST = RemoteOptions.DEFAULT_REQUEST_SIZE;

  private final int port;
  private final long size;

  private RemoteReading(int port, long size) {
    this.port = port;
    this.size = size;
  }

  /**
   * Reads from the port {@code args[0]} a file of {@code args[1]} bytes. If {@code args[2]} is
   * {@code scattered}, it visits records and also prints the number of requests. Otherwise {@code
   * args[2]} is a number of passes that warm up; the others are: a first one, one of plain
   * connections, and after the warm-up the same two again.
   */
  public static void main(String[] args) throws Exception {
    RemoteReading reading = new RemoteReading(Integer.parseInt(args[0]), Long.parseLong(args[1]));
    if (args[2].equals("scattered")) {
      reading.scattered();
      return;
    }
    System.out.println(reading.records());
    System.out.println(reading.plain());
    for (int i = Integer.parseInt(args[2]); i > 0; i--) {
      reading.records();
    }
    System.out.println(reading.records());
    System.out.println(reading.plain());
  }

  private URI address() {
    return URI.create("http://localhost:" + port + "/file");
  }

  /** Reads all records, in order. */
  private long records() throws IOException {
    long begin = System.nanoTime();
    long bytes = 0;
    try (HttpStore store = new HttpStore();
        RecordReader reader = RecordReader.open(store.file(address()))) {
      for (MemorySegment record : reader) {
        bytes += record.byteSize();
      }
    }
    if (bytes < size / 10 * 9) {
      throw new IOException("records are missing: " + bytes + " bytes of " + size);
    }
    return System.nanoTime() - begin;
  }

  /**
   * Visits records of a file that was opened before. A chunk has one record, and no gap is read.
   */
  private void scattered() throws IOException {
    RemoteMetrics metrics = new RemoteMetrics();
    RemoteOptions options =
        RemoteOptions.defaults()
            .withMaxGap(0)
            .withMaxRequests(SCATTERED_REQUESTS)
            .withMetrics(metrics);
    RandomAccessOptions uncached =
        RandomAccessOptions.defaults()
            .withCacheSize(0)
            .withReaderOptions(ReaderOptions.defaults().withRemote(options));
    try (HttpStore store = new HttpStore();
        RandomAccessReader reader = RandomAccessReader.open(store.file(address()), uncached)) {
      RandomOrder order = new RandomOrder(reader.recordCount());
      int count = (int) Math.min(SCATTERED, reader.recordCount() / 6);
      // The first visit loads classes, which takes longer than its requests.
      reader.visitAll(order.next(count / 10), (number, record) -> {});
      long[] numbers = order.next(count);
      long before = metrics.requests();
      long begin = System.nanoTime();
      reader.visitAll(numbers, (number, record) -> {});
      System.out.println(System.nanoTime() - begin);
      System.out.println(metrics.requests() - before);
    }
  }

  /** Reads all bytes by requests of the same size on as many connections, and drops them. */
  private long plain() throws Exception {
    long begin = System.nanoTime();
    AtomicLong next = new AtomicLong();
    try (ExecutorService threads = Executors.newFixedThreadPool(CONNECTIONS)) {
      List<Future<?>> results = new ArrayList<>();
      for (int i = 0; i < CONNECTIONS; i++) {
        results.add(
            threads.submit(() -> {
              connection(next);
              return null;
            }));
      }
      for (Future<?> result : results) {
        result.get();
      }
    } catch (ExecutionException e) {
      throw new IOException(e);
    }
    return System.nanoTime() - begin;
  }

  private void connection(AtomicLong next) throws IOException {
    InetSocketAddress server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    try (SocketChannel channel = SocketChannel.open(server)) {
      ByteBuffer buffer = ByteBuffer.allocateDirect(REQUEST / 32);
      for (long from = next.getAndAdd(REQUEST); from < size; from = next.getAndAdd(REQUEST)) {
        long to = Math.min(size, from + REQUEST);
        String head =
            "GET /file HTTP/1.1\r\nHost: localhost\r\nRange: bytes="
                + from
                + "-"
                + (to - 1)
                + "\r\n\r\n";
        channel.write(ByteBuffer.wrap(head.getBytes(ISO_8859_1)));
        skip(channel, buffer, to - from);
      }
    }
  }

  /** Reads the head of an answer and {@code length} bytes. */
  private static void skip(SocketChannel channel, ByteBuffer buffer, long length)
      throws IOException {
    long left = length;
    int last = 0;
    while (last != 0x0d0a0d0a) {
      receive(channel, buffer.clear().limit(1));
      last = last << 8 | buffer.get(0);
    }
    while (left > 0) {
      buffer.clear().limit((int) Math.min(left, buffer.capacity()));
      left -= receive(channel, buffer);
    }
  }

  private static int receive(SocketChannel channel, ByteBuffer buffer) throws IOException {
    int read = channel.read(buffer);
    if (read < 0) {
      throw new EOFException("the server has ended the connection");
    }
    return read;
  }
}
