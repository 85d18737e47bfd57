package io.disky.fetching;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A clock that jumps to the next scheduled action as soon as the action before it has returned. An
 * answer of a source is such an action, too, so that a timeout happens only if a source does not
 * answer before it.
 */
final class VirtualClock implements RequestClock, AutoCloseable {
  private record Event(long time, long number, Runnable action) {}

  private final PriorityQueue<Event> events =
      new PriorityQueue<>(Comparator.comparingLong(Event::time).thenComparingLong(Event::number));
  private final Random random;
  private final Thread thread;
  private long now;
  private long numbers;
  private boolean closed;
  private boolean held;
  private boolean running;
  private @Nullable Throwable failure; // of the first action that has thrown something

  VirtualClock(long seed) {
    random = new Random(seed);
    thread = Thread.ofPlatform().daemon().name("virtual-clock").start(this::run);
  }

  @Override
  public synchronized long nanoTime() {
    return now;
  }

  @Override
  public synchronized double random() {
    return random.nextDouble();
  }

  @Override
  public synchronized Timer schedule(long nanos, Runnable action) {
    Event event = new Event(now + nanos, numbers++, action);
    events.add(event);
    notifyAll();
    return () -> cancel(event);
  }

  private synchronized void cancel(Event event) {
    events.remove(event);
  }

  /** Stops the clock until {@link #go()}; returns when no action is running. */
  synchronized void hold() throws InterruptedException {
    held = true;
    while (running) {
      wait();
    }
  }

  synchronized void go() {
    held = false;
    notifyAll();
  }

  /** The number of actions that were scheduled and neither run nor cancelled. */
  synchronized int scheduled() {
    return events.size();
  }

  // The clock must go on whatever happens, or everybody waits for ever.
  private void run() {
    while (!isClosed()) {
      Runnable action;
      try {
        action = next();
      } catch (Throwable e) { // an interrupt, or an error that the JVM has meant for an action
        System.err.println("virtual-clock: " + e);
        continue;
      }
      try {
        action.run();
      } catch (Throwable e) {
        failed(e);
      }
    }
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  private synchronized void failed(Throwable thrown) {
    failure = failure == null ? thrown : failure;
  }

  /** The next action; one that does nothing after the clock was closed. */
  private synchronized Runnable next() throws InterruptedException {
    running = false;
    notifyAll();
    while (!closed && (held || events.isEmpty())) {
      wait();
    }
    if (closed) {
      return () -> {};
    }
    Event event = events.remove();
    now = event.time;
    running = true;
    return event.action;
  }

  @Override
  public void close() throws InterruptedException {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    thread.join();
    if (failure != null) {
      throw new AssertionError("an action of the clock has failed", failure);
    }
  }
}
