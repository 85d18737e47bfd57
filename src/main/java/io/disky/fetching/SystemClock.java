package io.disky.fetching;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * The clock of the system. The thread on which the JDK completes futures after a timeout measures
 * delays for all requests; actions run on the JDK's pool, because they call the user's code.
 */
final class SystemClock implements RequestClock {
  @Override
  public long nanoTime() {
    return System.nanoTime();
  }

  @Override
  public Timer schedule(long nanos, Runnable action) {
    CompletableFuture<Void> delay = new CompletableFuture<>();
    // After a cancellation the action is not run, and the JDK forgets the delay.
    Future<Void> running = delay.thenRunAsync(action);
    delay.completeOnTimeout(null, nanos, TimeUnit.NANOSECONDS);
    return () -> {
      if (!running.isDone()) {
        delay.cancel(false);
      }
    };
  }

  @Override
  public double random() {
    return ThreadLocalRandom.current().nextDouble();
  }
}
