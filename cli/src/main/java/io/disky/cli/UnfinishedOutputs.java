package io.disky.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The outputs that a command has begun and not finished. They are removed if the command fails, or
 * if a signal ends the process. Thread-safe.
 */
final class UnfinishedOutputs {
  private final PrintStream err;
  private final ReentrantLock lock = new ReentrantLock();
  private final Set<UnfinishedOutput> outputs = new LinkedHashSet<>();
  private final List<String> outcomes = new ArrayList<>();

  UnfinishedOutputs(PrintStream err) {
    this.err = err;
  }

  /** Creates files. */
  @FunctionalInterface
  interface Creation<T> {
    T create() throws IOException;
  }

  /** Writes an output that was begun. */
  @FunctionalInterface
  interface Writing<T, R> {
    R write(T output) throws IOException;
  }

  /**
   * Begins an output and runs {@code writing}, which completes it. If that fails, removes the
   * output.
   */
  <T extends UnfinishedOutput, R> R write(Creation<T> beginning, Writing<T, R> writing)
      throws IOException {
    T output = create(() -> begin(beginning));
    boolean complete = false;
    try {
      R result = writing.write(output);
      complete(output);
      complete = true;
      return result;
    } finally {
      if (!complete) {
        abandon(output);
      }
    }
  }

  private <T extends UnfinishedOutput> T begin(Creation<T> beginning) throws IOException {
    T output = beginning.create();
    outputs.add(output);
    return output;
  }

  /** Runs {@code creation}. A signal does not end the process before the creation has returned. */
  <T> T create(Creation<T> creation) throws IOException {
    lock.lock();
    try {
      return creation.create();
    } finally {
      lock.unlock();
    }
  }

  private void complete(UnfinishedOutput output) {
    lock.lock();
    try {
      outputs.remove(output);
    } finally {
      lock.unlock();
    }
  }

  private void abandon(UnfinishedOutput output) {
    lock.lock();
    try {
      outputs.remove(output);
      remove(output);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Removes all unfinished outputs, because the process ends. Other threads still run, but they
   * cannot begin or complete an output any more, because this method keeps the lock until the
   * process has ended.
   */
  void end() {
    lock.lock();
    if (!outputs.isEmpty()) {
      List.copyOf(outputs).reversed().forEach(this::remove);
    }
    if (!outcomes.isEmpty() && Progress.isTerminal()) {
      err.println(); // ends the line that shows the progress
    }
    report();
    err.flush();
  }

  /** Prints the outcomes of removed outputs. Call it after the failure was reported. */
  void report() {
    lock.lock();
    try {
      outcomes.forEach(outcome -> Failure.print(outcome, err));
      outcomes.clear();
    } finally {
      lock.unlock();
    }
  }

  private void remove(UnfinishedOutput output) {
    try {
      String outcome = output.remove();
      if (!outcome.isEmpty()) {
        outcomes.add(outcome);
      }
    } catch (IOException | RuntimeException e) {
      outcomes.add("an incomplete output could not be removed: " + Failure.message(e));
    }
  }
}
