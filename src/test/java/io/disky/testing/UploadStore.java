package io.disky.testing;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.disky.remote.RemoteFile;
import io.disky.remote.RemoteStore;
import io.disky.remote.RemoteUpload;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.nio.file.FileAlreadyExistsException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** A store in memory that takes files, and whose answers tests decide. Thread-safe. */
public final class UploadStore implements RemoteStore {
  /** Decides the answer to a request, before anything is changed. */
  @FunctionalInterface
  public interface Answer {
    /**
     * The answer; {@code null} if the request succeeds at once.
     *
     * @param request {@code send}, {@code complete} or {@code abort}
     * @param part number of the part; -1 for other requests
     * @param attempt 1 for the first such request
     */
    CompletableFuture<Void> to(String request, int part, int attempt);
  }

  private final Map<String, byte[]> files = new ConcurrentSkipListMap<>();
  private final Set<Upload> open = ConcurrentHashMap.newKeySet();
  private final AtomicLong underWay = new AtomicLong();
  private final AtomicLong mostUnderWay = new AtomicLong();
  private final AtomicInteger begun = new AtomicInteger();
  private volatile long partSize = 64 << 10;
  private volatile int maxParts = Integer.MAX_VALUE;
  private volatile Answer answer = (_, _, _) -> null;

  /** The size of each part from now on. */
  public UploadStore withPartSize(long bytes) {
    partSize = bytes;
    return this;
  }

  public UploadStore withMaxParts(int parts) {
    maxParts = parts;
    return this;
  }

  public UploadStore answering(Answer answer) {
    this.answer = answer;
    return this;
  }

  /** The files that exist, by their addresses. */
  public Map<String, byte[]> files() {
    return files;
  }

  /** Number of uploads that are neither complete nor aborted. */
  public int openUploads() {
    return open.size();
  }

  /** Number of uploads that were begun. */
  public int begun() {
    return begun.get();
  }

  /** The most bytes that were on their way at the same time. */
  public long mostUnderWay() {
    return mostUnderWay.get();
  }

  /** The bytes that are on their way. */
  public long underWay() {
    return underWay.get();
  }

  @Override
  public Set<String> schemes() {
    return Set.of("test");
  }

  @Override
  public RemoteFile file(URI address) {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<URI> list(URI prefix) {
    return files.keySet().stream()
        .filter(name -> name.startsWith(prefix.toString()))
        .map(URI::create)
        .toList();
  }

  @Override
  public RemoteUpload create(URI address, boolean replace) throws FileAlreadyExistsException {
    if (!replace && files.containsKey(address.toString())) {
      throw new FileAlreadyExistsException(address.toString());
    }
    Upload upload = new Upload(address.toString(), replace);
    begun.incrementAndGet();
    open.add(upload);
    return upload;
  }

  @Override
  public void delete(URI address) {
    files.remove(address.toString());
  }

  @Override
  public void close() {}

  /** A file that is being written. */
  private final class Upload implements RemoteUpload {
    private final String name;
    private final boolean replace;
    private final Map<Integer, byte[]> parts = new TreeMap<>();
    private final Map<String, Integer> attempts = new ConcurrentHashMap<>();

    Upload(String name, boolean replace) {
      this.name = name;
      this.replace = replace;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public long partSize(int part) {
      return partSize;
    }

    @Override
    public int maxParts() {
      return maxParts;
    }

    private CompletableFuture<Void> answer(String request, int part) {
      return answer.to(request, part, attempts.merge(request + part, 1, Integer::sum));
    }

    @Override
    public CompletableFuture<Void> send(int part, MemorySegment bytes) {
      CompletableFuture<Void> answered = answer("send", part);
      if (answered == null) {
        store(part, bytes);
        return CompletableFuture.completedFuture(null);
      }
      long now = underWay.addAndGet(bytes.byteSize());
      mostUnderWay.accumulateAndGet(now, Math::max);
      return answered.whenComplete((_, failure) -> {
        if (failure == null) {
          store(part, bytes);
        }
        underWay.addAndGet(-bytes.byteSize());
      });
    }

    private synchronized void store(int part, MemorySegment bytes) {
      parts.put(part, bytes.toArray(JAVA_BYTE));
    }

    @Override
    public CompletableFuture<Void> complete() {
      CompletableFuture<Void> answered = answer("complete", -1);
      if (answered != null) {
        return answered;
      }
      if (!replace && files.containsKey(name)) {
        return CompletableFuture.failedFuture(new FileAlreadyExistsException(name));
      }
      files.put(name, contents());
      open.remove(this);
      return CompletableFuture.completedFuture(null);
    }

    private synchronized byte[] contents() {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      for (int part = 0; part < parts.size(); part++) {
        byte[] bytes = parts.get(part); // fails if one is missing
        if (part < parts.size() - 1 && bytes.length != partSize) {
          throw new AssertionError("part " + part + " has " + bytes.length + " bytes");
        }
        all.writeBytes(bytes);
      }
      return all.toByteArray();
    }

    @Override
    public CompletableFuture<Void> abort() {
      CompletableFuture<Void> answered = answer("abort", -1);
      if (answered != null) {
        return answered;
      }
      open.remove(this);
      return CompletableFuture.completedFuture(null);
    }
  }
}
