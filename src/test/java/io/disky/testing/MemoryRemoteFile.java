package io.disky.testing;

import io.disky.remote.RemoteFile;
import io.disky.remote.RemoteFileChangedException;
import io.disky.remote.RemoteRange;
import io.disky.remote.RemoteRequestException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * A remote file in memory. Counts requests, and keeps to the contract of {@link RemoteFile} unless
 * a fault is set. Thread-safe.
 */
public class MemoryRemoteFile implements RemoteFile {
  /** A request for bytes. {@code end} says whether it is for the last bytes, whatever the size. */
  public record Request(int number, long position, long size, boolean end) {}

  /** What happens instead of an answer. */
  @FunctionalInterface
  public interface Fault {
    /**
     * The failure of a request; {@code null} if it succeeds.
     *
     * @param request its number is 0 for the first one
     */
    Throwable of(Request request);
  }

  private final String name;
  private final List<Request> requests = new ArrayList<>();
  private volatile byte[] bytes;
  private volatile String version = "\"1\"";
  private volatile long most = Long.MAX_VALUE;
  private volatile Fault fault = _ -> null;

  public MemoryRemoteFile(String name, byte[] bytes) {
    this.name = name;
    this.bytes = bytes;
  }

  /** The contents of a local file. */
  public static MemoryRemoteFile of(Path file) throws IOException {
    return new MemoryRemoteFile("mem://bucket/" + file.getFileName(), Files.readAllBytes(file));
  }

  /** From now on, a request reads at most {@code bytes} bytes. */
  public MemoryRemoteFile withShortAnswers(long bytes) {
    most = bytes;
    return this;
  }

  /** From now on, requests may fail. */
  public MemoryRemoteFile withFault(Fault failure) {
    fault = failure;
    return this;
  }

  /** From now on, access is denied to the request with this number, and to no other one. */
  public MemoryRemoteFile withDenied(int number) {
    return withFault(request ->
        request.number() == number
            ? new RemoteRequestException("access denied", false, null, null)
            : null);
  }

  /** Replaces the file. */
  public void replace(byte[] contents, String newVersion) {
    synchronized (requests) {
      bytes = contents;
      version = newVersion;
    }
  }

  /** The requests so far. */
  public List<Request> requests() {
    synchronized (requests) {
      return List.copyOf(requests);
    }
  }

  /** How many bytes were requested so far. */
  public long requestedBytes() {
    return requests().stream().mapToLong(Request::size).sum();
  }

  public void forgetRequests() {
    synchronized (requests) {
      requests.clear();
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public CompletableFuture<RemoteRange> read(
      long position, MemorySegment target, Optional<String> wanted) {
    return answer(position, target, wanted, false);
  }

  @Override
  public CompletableFuture<RemoteRange> readEnd(MemorySegment target) {
    return answer(0, target, Optional.empty(), true);
  }

  private CompletableFuture<RemoteRange> answer(
      long position, MemorySegment target, Optional<String> wanted, boolean end) {
    Request request;
    synchronized (requests) {
      request = new Request(requests.size(), position, target.byteSize(), end);
      requests.add(request);
    }
    return answer(request, target, wanted);
  }

  /** An action that completes {@code future} as the result of {@code answer}. */
  protected static Runnable answering(
      CompletableFuture<RemoteRange> future, Supplier<CompletableFuture<RemoteRange>> answer) {
    return () -> {
      CompletableFuture<?> _ =
          answer
              .get()
              .whenComplete((range, failure) -> {
                if (failure == null) {
                  future.complete(range);
                } else {
                  future.completeExceptionally(failure);
                }
              });
    };
  }

  /** The answer to a request. */
  protected CompletableFuture<RemoteRange> answer(
      Request request, MemorySegment target, Optional<String> wanted) {
    Throwable failure = fault.of(request);
    if (failure != null) {
      return CompletableFuture.failedFuture(failure);
    }
    byte[] now;
    String current;
    synchronized (requests) {
      now = bytes;
      current = version;
    }
    if (wanted.isPresent() && !wanted.get().equals(current)) {
      return CompletableFuture.failedFuture(
          new RemoteFileChangedException(
              name + ": version " + wanted.get() + " was replaced by " + current));
    }
    long begin = request.end() ? Math.max(0, now.length - target.byteSize()) : request.position();
    if (!request.end() && begin >= now.length) {
      throw new AssertionError("a request beyond the end: " + request);
    }
    // A short answer to a request for the end has its last bytes.
    long size = Math.min(Math.min(target.byteSize(), now.length - begin), most);
    long from = request.end() ? now.length - size : begin;
    MemorySegment.copy(MemorySegment.ofArray(now), from, target, 0, size);
    return CompletableFuture.completedFuture(new RemoteRange(from, size, now.length, current));
  }
}
