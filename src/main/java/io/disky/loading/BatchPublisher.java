package io.disky.loading;

import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow.Publisher;
import java.util.concurrent.Flow.Subscriber;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Publishes the batches of a loader to one subscriber. */
public final class BatchPublisher<T> implements Publisher<T> {
  /** Returns one batch after the other. */
  @FunctionalInterface
  public interface Batches<T> {
    /** The next batch; {@code null} after the last one. */
    @Nullable T next() throws IOException;
  }

  private final Batches<T> batches;
  private final Consumer<T> unwanted;
  private final Executor executor;
  private final AtomicBoolean subscribed = new AtomicBoolean();

  /**
   * @param unwanted closes a batch that comes after the subscriber has cancelled
   * @param executor runs the deliveries, one at a time
   */
  public BatchPublisher(Batches<T> batches, Consumer<T> unwanted, Executor executor) {
    this.batches = batches;
    this.unwanted = unwanted;
    this.executor = executor;
  }

  @Override
  public void subscribe(Subscriber<? super T> subscriber) {
    Objects.requireNonNull(subscriber, "subscriber");
    if (subscribed.compareAndSet(false, true)) {
      subscriber.onSubscribe(new Delivery(subscriber));
    } else {
      subscriber.onSubscribe(NOTHING);
      subscriber.onError(
          new IllegalStateException("the batches of a loader have one subscriber, and it has one"));
    }
  }

  private static final Subscription NOTHING =
      new Subscription() {
        @Override
        public void request(long count) {}

        @Override
        public void cancel() {}
      };

  /** Delivers the requested number of batches, on one thread of the executor at a time. */
  private final class Delivery implements Subscription, Runnable {
    private final Subscriber<? super T> subscriber;

    // This object's monitor guards these fields.
    private long requested;
    private boolean running;
    private boolean ended;
    private @Nullable Throwable invalid;

    Delivery(Subscriber<? super T> subscriber) {
      this.subscriber = subscriber;
    }

    @Override
    public void request(long count) {
      synchronized (this) {
        if (ended) {
          return;
        }
        if (count <= 0) {
          invalid = new IllegalArgumentException("the number of requested batches is " + count);
        } else {
          requested = requested + count < 0 ? Long.MAX_VALUE : requested + count;
        }
        if (running) {
          return;
        }
        running = true;
      }
      execute();
    }

    private void execute() {
      try {
        executor.execute(this);
      } catch (RuntimeException | Error e) {
        cancel();
        subscriber.onError(e);
      }
    }

    private synchronized boolean isEnded() {
      return ended;
    }

    @Override
    public synchronized void cancel() {
      ended = true;
    }

    @Override
    public void run() {
      while (mayDeliver()) {
        if (!deliver()) {
          return;
        }
      }
    }

    private boolean mayDeliver() {
      Throwable failure;
      synchronized (this) {
        failure = ended ? null : invalid;
        if (failure == null) {
          running = !ended && requested > 0;
          if (running && requested != Long.MAX_VALUE) {
            requested--;
          }
          return running;
        }
        ended = true;
      }
      subscriber.onError(failure);
      return false;
    }

    /** Delivers one batch; returns {@code false} after the last batch or a failure. */
    private boolean deliver() {
      @Nullable T batch;
      try {
        batch = batches.next();
      } catch (Throwable e) {
        cancel();
        subscriber.onError(e);
        return false;
      }
      if (batch == null) {
        cancel();
        subscriber.onComplete();
        return false;
      }
      if (isEnded()) {
        unwanted.accept(batch);
        return false;
      }
      boolean accepted = false;
      try {
        subscriber.onNext(batch);
        accepted = true;
      } finally {
        if (!accepted) {
          cancel(); // A subscriber that throws has cancelled.
        }
      }
      return true;
    }
  }
}
