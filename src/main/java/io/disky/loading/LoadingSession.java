package io.disky.loading;

import io.disky.threads.Callbacks;
import io.disky.threads.Closing;
import io.disky.threads.ForgottenObjects;
import java.lang.System.Logger.Level;
import java.lang.ref.Cleaner;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The open sources of a loader, and the pipeline that reads them now. Does not refer to the loader
 * of the user, so that the garbage collector can find a loader that the user has not closed. One
 * thread at a time may call {@link #move}; other methods are thread-safe.
 */
public final class LoadingSession implements Runnable {
  private final String name;
  private final List<LoadedSource> sources;
  private final LoadingSettings settings;
  private final AtomicBoolean sourcesClosed = new AtomicBoolean();
  private final DamageBudget damage;
  private final Callbacks callbacks;

  // This object's monitor guards changes.
  private volatile Pipeline pipeline;
  private volatile boolean closing;
  private volatile boolean forgotten = true;

  /**
   * Begins to load.
   *
   * @param name the name of the data in messages
   * @param sources open sources, which the session closes
   */
  public LoadingSession(
      String name,
      List<LoadedSource> sources,
      StepOrder steps,
      LoadingSettings settings,
      Progress start) {
    this.name = name;
    this.sources = List.copyOf(sources);
    this.settings = settings;
    this.damage = new DamageBudget(settings);
    this.callbacks = new Callbacks("the loader of " + name);
    this.pipeline = pipeline(steps, start);
  }

  private Pipeline pipeline(StepOrder steps, Progress start) {
    return new Pipeline(
        name, sources, steps, settings, start, damage, callbacks, this::pipelineEnded);
  }

  /** Closes this session after the garbage collector finds that nothing refers to {@code owner}. */
  public Cleaner.Cleanable closeWith(Object owner) {
    return ForgottenObjects.register(owner, this);
  }

  /** The sources, by index. */
  public List<LoadedSource> sources() {
    return sources;
  }

  /** The pipeline that loads now. */
  public Pipeline pipeline() {
    return pipeline;
  }

  /**
   * Replaces the pipeline by one for other steps. Batches that were delivered stay valid. The
   * caller must have called {@link #checkNotCalling} before it took any lock.
   *
   * @throws IllegalStateException if the session is closed
   */
  public synchronized void move(StepOrder steps, Progress start) {
    Pipeline before = pipeline;
    if (closing) {
      throw new IllegalStateException("the loader of " + name + " is closed");
    }
    before.moved();
    pipeline = pipeline(steps, start);
    before.close();
  }

  /** The user's code that this session is calling. */
  public Callbacks callbacks() {
    return callbacks;
  }

  /**
   * Checks that the thread is not in code of the user that this session calls, also for a pipeline
   * that was replaced, or that a source calls: it would wait for its own end.
   *
   * @throws IllegalStateException if it is
   */
  public void checkNotCalling() {
    callbacks.check();
    sources.forEach(LoadedSource::checkNotCalling);
  }

  private void pipelineEnded() {
    if (closing) {
      closeSources();
    }
  }

  /** Workers that wait for bytes of remote files end at once. */
  private void stopSources() {
    sources.forEach(LoadedSource::stop);
  }

  private void closeSources() {
    if (sourcesClosed.compareAndSet(false, true)) {
      Closing all = new Closing();
      // Closing cancels requests, which calls the user's code: it must not wait for this thread.
      sources.forEach(source -> all.step(() -> callbacks.run(Pipeline.USER_CODE, source::close)));
      all.end();
    }
  }

  /** Waits for the end of all work, and closes the sources. */
  public void close() {
    checkNotCalling();
    forgotten = false;
    closing = true;
    pipeline.shutDown();
    stopSources();
    synchronized (this) {
      pipeline.close();
    }
    closeSources();
  }

  /** Ends the session if nothing refers to its owner, or after {@link #close}. Does not wait. */
  @Override
  public void run() {
    closing = true;
    pipeline.shutDown();
    stopSources();
    if (pipeline.hasEnded()) {
      closeSources();
    }
    if (forgotten) {
      System.getLogger("io.disky")
          .log(
              Level.WARNING,
              "The loader of {0} was never closed; it was closed because nothing refers to it any"
                  + " more. Use try-with-resources.",
              name);
    }
  }
}
