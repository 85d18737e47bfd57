package io.disky.fetching;

import io.disky.fetching.RangeSource.Failure;
import io.disky.fetching.RangeSource.Range;
import io.disky.fetching.RequestClock.Timer;
import io.disky.memory.KeptMemory;
import io.disky.memory.NativeMemory;
import io.disky.retrying.RetryPolicy;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Reads one range: requests it again if it fails, takes too long, or the answer is short. The
 * user's code is called without a lock. Thread-safe.
 */
final class RangeRequest implements BlockRequest {
  /** Who needs the bytes. Called once, without a lock. */
  interface Owner {
    /** The bytes are at the beginning of {@code memory}, which is now the owner's. */
    void done(NativeMemory memory, Range answer);

    void failed(FetchFailure failure);

    /** Whether there is memory for a second request, which {@link #release()} then gives back. */
    boolean reserve();

    void release();
  }

  // An answer of fewer bytes counts as an attempt: otherwise a source of single bytes would be
  // asked for ever.
  private static final int LEAST_PROGRESS = 64 << 10;

  private static final int MOST_WRAPPED = 10;

  private final RangeSource source;
  private final String name;
  private final Wanted wanted;
  private final RetryPolicy policy;
  private final Hedging hedging;
  private final RequestClock clock;
  private final FetchCounters counters;
  private final Owner owner;

  private final List<Attempt> running = new ArrayList<>(2);
  private @Nullable NativeMemory idle;
  private int filled;
  private int attempts;
  private boolean ended;
  private @Nullable Failure last;
  private long begun;
  private Timer deadline = Timer.NONE;
  private Timer retry = Timer.NONE;
  private Timer hedge = Timer.NONE;

  RangeRequest(
      RangeSource source, String name, Wanted wanted, FetchSettings settings, Owner owner) {
    this.source = source;
    this.name = name;
    this.wanted = wanted;
    this.policy = settings.retry();
    this.hedging = settings.hedging();
    this.clock = settings.clock();
    this.counters = settings.counters();
    this.owner = owner;
  }

  /** A change under the lock. It adds the actions to run without the lock. */
  private interface Change {
    void make(List<Runnable> later);
  }

  private void change(Change change) {
    List<Runnable> later = new ArrayList<>(2);
    synchronized (this) {
      if (!ended) {
        change.make(later);
      }
    }
    later.forEach(Runnable::run);
  }

  /** Begins with memory that already has the first {@code bytes} bytes. */
  void start(NativeMemory memory, int bytes) {
    boolean taken;
    synchronized (this) {
      taken = !ended;
      if (taken) {
        idle = memory;
        filled = bytes;
      }
    }
    if (taken) {
      start();
    } else {
      KeptMemory.give(memory);
    }
  }

  @Override
  public void start() {
    change(later -> {
      begun = clock.nanoTime();
      attempt(later);
    });
  }

  @Override
  public void cancel() {
    change(this::end);
  }

  private void end(List<Runnable> later) {
    ended = true;
    deadline.cancel();
    retry.cancel();
    hedge.cancel();
    while (!running.isEmpty()) {
      abandon(running.getLast(), later);
    }
    if (idle != null) {
      KeptMemory.give(idle);
      idle = null;
    }
  }

  /** Begins an attempt to read the missing bytes, or fails. */
  private void attempt(List<Runnable> later) {
    NativeMemory memory = idle;
    idle = null;
    if (memory == null) {
      filled = 0;
      memory = memory(later);
    }
    if (memory != null) {
      attempts++;
      begin(memory, later);
    }
  }

  /** Memory for the bytes; {@code null} if there is none, and so the request has failed. */
  private @Nullable NativeMemory memory(List<Runnable> later) {
    try {
      return KeptMemory.takeTightOrAllocate(Math.max(wanted.length(), 1));
    } catch (OutOfMemoryError e) {
      fail(new Failure(e, false, null, false), "could not be read", later);
      return null;
    }
  }

  private void begin(NativeMemory memory, List<Runnable> later) {
    Attempt attempt = new Attempt(memory, filled, wanted.length(), clock.nanoTime());
    if (running.isEmpty()) {
      attempt.hedgeDelay = hedging.begun(attempt.length());
    }
    running.add(attempt);
    counters.requests.increment();
    later.add(() -> {
      attempt.call(source, wanted, this::answered);
      change(after -> limit(attempt));
    });
  }

  /** Limits the time of an attempt that was not answered at once. */
  private void limit(Attempt attempt) {
    if (!running.contains(attempt)) {
      return;
    }
    boolean hedged = attempt.hedgeDelay != Hedging.NO_DELAY;
    if (hedged && attempt.hedgeDelay < policy.timeout().toNanos() && running.size() == 1) {
      hedge = schedule(attempt.hedgeDelay, this::hedge);
    }
    attempt.timeout =
        schedule(policy.timeout().toNanos(), later -> timedOut(attempt, policy.timeout(), later));
    if (deadline.equals(Timer.NONE)) {
      deadline = schedule(policy.deadline().toNanos(), this::deadlinePassed);
    }
  }

  private Timer schedule(long nanos, Change change) {
    return clock.schedule(nanos, () -> change(change));
  }

  /** Makes the same request a second time, because the first one takes long. */
  private void hedge(List<Runnable> later) {
    if (running.size() != 1 || !policy.allowsAttemptAfter(attempts) || !owner.reserve()) {
      return;
    }
    if (!hedging.allows()) {
      owner.release();
      return;
    }
    NativeMemory memory;
    try {
      memory = KeptMemory.takeTightOrAllocate(Math.max(wanted.length(), 1));
    } catch (OutOfMemoryError _) {
      owner.release();
      return;
    }
    MemorySegment.copy(running.getFirst().memory.segment(), 0, memory.segment(), 0, filled);
    attempts++;
    counters.hedges.increment();
    begin(memory, later);
  }

  /** Takes {@code attempt} out of those that are running. */
  private boolean remove(Attempt attempt, List<Runnable> later) {
    if (!running.remove(attempt)) {
      return false;
    }
    attempt.timeout.cancel();
    hedge.cancel();
    if (running.size() == 1) {
      later.add(owner::release);
    }
    return true;
  }

  private void abandon(Attempt attempt, List<Runnable> later) {
    remove(attempt, later);
    later.add(() -> {
      if (attempt.abandon()) {
        KeptMemory.give(attempt.memory);
      }
    });
  }

  private void timedOut(Attempt attempt, Duration limit, List<Runnable> later) {
    if (running.contains(attempt)) {
      observe(attempt);
      abandon(attempt, later);
      lost(timeout("no answer within " + limit.toMillis() + " ms"), later);
    }
  }

  private void observe(Attempt attempt) {
    hedging.observed(attempt.length(), clock.nanoTime() - attempt.begun);
  }

  private static Failure timeout(String message) {
    return new Failure(new TimeoutException(message), true, null, false);
  }

  private void deadlinePassed(List<Runnable> later) {
    Failure failure = last == null ? timeout("no answer") : last;
    fail(failure, "could not be read within " + policy.deadline().toMillis() + " ms", later);
  }

  private void answered(Attempt attempt, @Nullable Range answer, @Nullable Throwable thrown) {
    Failure failure = answer == null ? failure(thrown) : flaw(answer, attempt.filled);
    change(later -> {
      if (!remove(attempt, later)) {
        return;
      }
      boolean free = attempt.end();
      if (failure == null && answer != null) {
        won(attempt, answer, free, later);
      } else {
        if (free) {
          leave(attempt.memory);
        }
        if (failure != null) {
          lost(failure, later);
        }
      }
    });
  }

  /** Keeps the memory for the next attempt, unless another one is running. */
  private void leave(NativeMemory memory) {
    if (running.isEmpty()) {
      idle = memory;
    } else {
      KeptMemory.give(memory);
    }
  }

  private Failure failure(@Nullable Throwable thrown) {
    Throwable cause = thrown == null ? new NullPointerException("no answer") : thrown;
    try { // the class of the exception is the user's
      // Each stage of futures wraps it at most once.
      for (int i = 0; i < MOST_WRAPPED && isWrapper(cause) && cause.getCause() != null; i++) {
        cause = cause.getCause();
      }
      return source.failure(cause);
    } catch (RuntimeException _) {
      return new Failure(cause, false, null, false);
    }
  }

  private static boolean isWrapper(Throwable thrown) {
    return thrown instanceof CompletionException || thrown instanceof ExecutionException;
  }

  private @Nullable Failure flaw(Range answer, int filled) {
    Wanted.Flaw flaw = wanted.flaw(answer, filled);
    return flaw == null
        ? null
        : new Failure(new WrongAnswer(flaw.text()), !flaw.changed(), null, flaw.changed());
  }

  /** Without a stack trace, which would show nothing of the store. */
  private static final class WrongAnswer extends Exception {
    private static final long serialVersionUID = 1;

    WrongAnswer(String message) {
      super(message, null, false, false);
    }
  }

  private void lost(Failure failure, List<Runnable> later) {
    last = failure;
    if (!failure.repeatable()) {
      fail(failure, "could not be read", later);
    } else if (running.isEmpty()) {
      repeat(failure, later);
    }
  }

  private void repeat(Failure failure, List<Runnable> later) {
    if (!policy.allowsAttemptAfter(attempts)) {
      String times = attempts == 1 ? " attempt" : " attempts";
      fail(failure, "could not be read in " + attempts + times, later);
      return;
    }
    long age = clock.nanoTime() - begun;
    long delay = policy.delay(attempts, age, failure.delay(), clock.random());
    if (delay < 0) {
      String limit = policy.deadline().toMillis() + " ms";
      String message =
          "could not be read within " + limit + ": the next attempt would be later than that";
      fail(failure, message, later);
      return;
    }
    counters.retries.increment();
    retry = schedule(delay, this::attempt);
  }

  private void fail(Failure failure, String what, List<Runnable> later) {
    end(later);
    String message = wanted.text() + " " + what;
    FetchFailure result = new FetchFailure(source, name, message, failure);
    later.add(() -> owner.failed(result));
  }

  private void won(Attempt attempt, Range answer, boolean free, List<Runnable> later) {
    observe(attempt);
    while (!running.isEmpty()) {
      // It has taken at least this long: without it, slow requests would be missing.
      observe(running.getLast());
      abandon(running.getLast(), later);
    }
    counters.bytesReceived.add(answer.length());
    NativeMemory memory = free ? attempt.memory : copy(attempt, answer, later);
    if (memory == null) {
      return;
    }
    if (wanted.isComplete(answer, attempt.filled)) {
      end(later);
      later.add(() -> owner.done(memory, answer));
      return;
    }
    idle = memory;
    filled = attempt.filled + (int) answer.length();
    if (answer.length() < LEAST_PROGRESS) {
      lost(new Failure(new WrongAnswer("the answers are too short"), true, null, false), later);
    } else {
      attempts--;
      again(attempt, later);
    }
  }

  /** Requests the rest. If the source answers at once, later: its stack would become too deep. */
  private void again(Attempt former, List<Runnable> later) {
    if (former.isInCall()) {
      retry = schedule(0, this::attempt);
    } else {
      attempt(later);
    }
  }

  /** A copy of the bytes that were read so far, because the source still uses the memory. */
  private @Nullable NativeMemory copy(Attempt attempt, Range answer, List<Runnable> later) {
    NativeMemory copy = memory(later);
    if (copy != null) {
      long size = attempt.filled + answer.length();
      MemorySegment.copy(attempt.memory.segment(), 0, copy.segment(), 0, size);
    }
    return copy;
  }
}
