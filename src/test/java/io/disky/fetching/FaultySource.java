package io.disky.fetching;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A file in memory whose requests go wrong as a script says. Thread-safe. */
final class FaultySource implements RangeSource {
  /** What happens to a request. */
  enum Fault {
    NONE,
    /** Half of the bytes. */
    SHORT,
    /** One byte. */
    DRIP,
    /** A failure that may be repeated, without bytes. */
    REFUSED,
    /** The same, with a delay that the store requests. */
    THROTTLED,
    /** Half of the bytes are written before a failure that may be repeated. */
    RESET,
    /** A failure that is not repeated. */
    DENIED,
    /** The right bytes of another range. */
    ELSEWHERE,
    TOO_LONG,
    EMPTY,
    /** Bytes and version of another file. */
    REPLACED,
    /** No answer; wrong bytes are written when the request was cancelled. */
    SILENT,
    /** No answer; the right bytes are written when the request was cancelled. */
    LATE,
    THROWN,
    NULL_FUTURE,
    NULL_ANSWER
  }

  /** A request that was made. */
  record Request(long position, int length, boolean end, MemorySegment target) {}

  static final class Refusal extends IOException {
    private static final long serialVersionUID = 1;
    final boolean repeatable;
    final @Nullable Duration delay;

    Refusal(String message, boolean repeatable, @Nullable Duration delay) {
      super(message);
      this.repeatable = repeatable;
      this.delay = delay;
    }
  }

  static final class Changed extends IOException {
    private static final long serialVersionUID = 1;

    Changed(String message, Throwable cause) {
      super(message, cause);
    }
  }

  static final long LATENCY = 50_000_000;

  private final byte[] bytes;
  private final RequestClock clock;
  private final Function<Request, Fault> script;
  private final List<Request> requests = new ArrayList<>();
  private long outstanding;
  private long mostOutstanding;
  private int open;
  private int mostOpen;
  private int lateWrites;

  /** Number of bytes that a second transfers per request; unlimited if 0. */
  volatile long bandwidth;

  /** Whether requests are answered before they return. */
  volatile boolean synchronous;

  volatile String version = "v1";

  FaultySource(byte[] bytes, RequestClock clock, Function<Request, Fault> script) {
    this.bytes = bytes;
    this.clock = clock;
    this.script = script;
  }

  @Override
  public String name() {
    return "mem://file";
  }

  @Override
  public CompletableFuture<Range> read(
      long position, MemorySegment target, Optional<String> wanted) {
    return request(new Request(position, (int) target.byteSize(), false, target));
  }

  @Override
  public CompletableFuture<Range> readEnd(MemorySegment target) {
    int length = (int) Math.min(bytes.length, target.byteSize());
    return request(new Request(bytes.length - length, length, true, target));
  }

  private CompletableFuture<Range> request(Request request) {
    Fault fault;
    synchronized (this) {
      requests.add(request);
      fault = script.apply(request);
    }
    if (fault == Fault.NULL_FUTURE) {
      return null;
    }
    if (fault == Fault.THROWN) {
      throw new IllegalStateException("thrown by the source");
    }
    CompletableFuture<Range> future = new Answer(request);
    if (fault == Fault.SILENT || fault == Fault.LATE) {
      CompletableFuture<?> _ = future.whenComplete((answer, thrown) -> writeLate(request, fault));
      return future;
    }
    long time = LATENCY + (bandwidth == 0 ? 0 : request.length * 1_000_000_000L / bandwidth);
    if (synchronous) {
      answer(request, fault, future);
    } else {
      clock.schedule(time, () -> answer(request, fault, future));
    }
    return future;
  }

  /** Counts a request as over before anybody learns it. */
  private final class Answer extends CompletableFuture<Range> {
    private final Request request;
    private final AtomicBoolean over = new AtomicBoolean();

    Answer(Request request) {
      this.request = request;
      begun(request);
    }

    private void end() {
      if (over.compareAndSet(false, true)) {
        ended(request);
      }
    }

    @Override
    public boolean complete(Range answer) {
      end();
      return super.complete(answer);
    }

    @Override
    public boolean completeExceptionally(Throwable thrown) {
      end();
      return super.completeExceptionally(thrown);
    }

    @Override
    public boolean cancel(boolean interrupt) {
      end();
      return super.cancel(interrupt);
    }
  }

  private synchronized void begun(Request request) {
    outstanding += request.target.byteSize();
    mostOutstanding = Math.max(mostOutstanding, outstanding);
    mostOpen = Math.max(mostOpen, ++open);
  }

  private synchronized void ended(Request request) {
    outstanding -= request.target.byteSize();
    open--;
  }

  /** Writes after the request is over, as a source does that does not notice a cancellation. */
  private void writeLate(Request request, Fault fault) {
    clock.schedule(
        LATENCY,
        () -> {
          try {
            if (fault == Fault.LATE) {
              copy(request, request.length);
            } else {
              request.target.fill((byte) 0xEE);
            }
            synchronized (this) {
              lateWrites++;
            }
          } catch (IllegalStateException _) {
            // The view has ended.
          }
        });
  }

  private void answer(Request request, Fault fault, CompletableFuture<Range> future) {
    if (future.isDone()) {
      return;
    }
    long size = bytes.length;
    try {
      switch (fault) {
        case SHORT -> complete(request, Math.max(1, request.length / 2), future);
        case DRIP -> complete(request, 1, future);
        case REFUSED -> future.completeExceptionally(new Refusal("503", true, null));
        case THROTTLED ->
            future.completeExceptionally(new Refusal("429", true, Duration.ofSeconds(7)));
        case RESET -> {
          copy(request, request.length / 2);
          future.completeExceptionally(new Refusal("connection reset", true, null));
        }
        case DENIED -> future.completeExceptionally(new Refusal("403", false, null));
        case ELSEWHERE -> {
          request.target.fill((byte) 0xEE);
          long position = request.position == 0 ? 1 : request.position - 1;
          future.complete(new Range(position, request.length, size, version));
        }
        case TOO_LONG ->
            future.complete(new Range(request.position, request.length + 1, size, version));
        case EMPTY -> future.complete(new Range(request.position, 0, size, version));
        case REPLACED -> {
          request.target.fill((byte) 0xEE);
          future.complete(new Range(request.position, request.length, size, "v2"));
        }
        case NULL_ANSWER -> future.complete(null);
        default -> complete(request, request.length, future);
      }
    } catch (IllegalStateException e) {
      future.completeExceptionally(e); // the view has ended: cancelled in this moment
    }
  }

  private void complete(Request request, int length, CompletableFuture<Range> future) {
    copy(request, length);
    future.complete(new Range(request.position, length, bytes.length, version));
  }

  private void copy(Request request, int length) {
    MemorySegment.copy(
        bytes, (int) request.position, request.target, ValueLayout.JAVA_BYTE, 0, length);
  }

  @Override
  public Failure failure(Throwable thrown) {
    return thrown instanceof Refusal refusal
        ? new Failure(thrown, refusal.repeatable, refusal.delay, false)
        : new Failure(thrown, false, null, false);
  }

  @Override
  public IOException exception(String message, Failure last) {
    return last.changed()
        ? new Changed(message, last.thrown())
        : new IOException(message, last.thrown());
  }

  synchronized List<Request> requests() {
    return List.copyOf(requests);
  }

  synchronized long mostOutstanding() {
    return mostOutstanding;
  }

  synchronized int mostOpen() {
    return mostOpen;
  }

  synchronized int open() {
    return open;
  }

  /** The number of writes that have reached memory after their request was over. */
  synchronized int lateWrites() {
    return lateWrites;
  }
}
