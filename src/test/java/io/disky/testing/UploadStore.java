package io.disky.testing;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.disky.remote.RemoteFile;
import io.disky.remote.RemoteFileChangedException;
import io.disky.remote.RemoteRange;
import io.disky.remote.RemoteRequestException;
import io.disky.remote.RemoteStore;
import io.disky.remote.RemoteUpload;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
  private volatile boolean closed;
  private volatile int maxParts = Integer.MAX_VALUE;
  private volatile Answer answer = (_, _, _) -> null;
  private final String scheme;

  /** A store of addresses with the scheme {@code test}. */
  public UploadStore() {
    this("test");
  }

  public UploadStore(String scheme) {
    this.scheme = scheme;
  }

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
    return Set.of(scheme);
  }

  @Override
  public RemoteFile file(URI address) {
    return new StoredFile(checked(address));
  }

  private String checked(URI address) {
    if (closed) {
      throw new IllegalStateException("the store is closed");
    }
    boolean plain =
        !address.isOpaque()
            && scheme.equals(address.getScheme())
            && address.getRawPath().length() > 1
            && address.getRawUserInfo() == null
            && address.getRawQuery() == null
            && address.getRawFragment() == null;
    if (!plain) {
      throw new IllegalArgumentException("not an address of a file in memory");
    }
    return address.toString();
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
    String name = checked(address);
    if (!replace && files.containsKey(name)) {
      throw new FileAlreadyExistsException(name);
    }
    Upload upload = new Upload(name, replace);
    begun.incrementAndGet();
    open.add(upload);
    return upload;
  }

  @Override
  public void delete(URI address) {
    files.remove(address.toString());
  }

  @Override
  public void close() {
    closed = true;
  }

  /** A file, whose version is the hash of its bytes. */
  private final class StoredFile implements RemoteFile {
    private final String name;

    StoredFile(String name) {
      this.name = name;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public CompletableFuture<RemoteRange> read(
        long position, MemorySegment target, Optional<String> version) {
      return answer(position, target, version);
    }

    @Override
    public CompletableFuture<RemoteRange> readEnd(MemorySegment target) {
      return answer(-1, target, Optional.empty());
    }

    private CompletableFuture<RemoteRange> answer(
        long position, MemorySegment target, Optional<String> version) {
      byte[] bytes = files.get(name);
      if (closed || bytes == null) {
        return CompletableFuture.failedFuture(
            closed ? new IOException("the store is closed") : new NoSuchFileException(name));
      }
      String now = bytes.length + "-" + Arrays.hashCode(bytes);
      if (!version.orElse(now).equals(now)) {
        return CompletableFuture.failedFuture(
            new RemoteFileChangedException(name + ": has version " + now));
      }
      long begin = position < 0 ? Math.max(0, bytes.length - target.byteSize()) : position;
      if (position >= bytes.length) {
        return CompletableFuture.failedFuture(
            new RemoteRequestException(
                name + ": byte " + position + " is beyond the end", false, null, null));
      }
      long length = Math.min(target.byteSize(), bytes.length - begin);
      MemorySegment.copy(MemorySegment.ofArray(bytes), begin, target, 0, length);
      return CompletableFuture.completedFuture(new RemoteRange(begin, length, bytes.length, now));
    }
  }

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
      if (!open.contains(this) && files.containsKey(name)) {
        return CompletableFuture.completedFuture(null); // the answer to an earlier call was lost
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
