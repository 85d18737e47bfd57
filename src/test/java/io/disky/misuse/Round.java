package io.disky.misuse;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Some objects of the library and some operations on them. With one thread, the seed determines all
 * of them. The first broken promise is kept as the violation of the round.
 */
final class Round {
  /** The action of an operation. It may throw anything. */
  @FunctionalInterface
  interface Action {
    void run() throws Throwable;
  }

  private static final int MOST_LOGGED = 400;
  private static final int MOST_OPERATIONS = 60;

  private static final List<String> INDENTS = List.of("", "", "> ", ">> ", ">>> ");

  // The round for which each thread works, and its dice.
  private static final ThreadLocal<@Nullable Actor> ACTORS = new ThreadLocal<>();

  private final long seed;
  private final Workshop workshop;
  private final Mischief mischief;
  private final List<Subject> subjects = new ArrayList<>();
  private final AtomicInteger actors = new AtomicInteger();
  private final AtomicLong operations = new AtomicLong();
  private final AtomicReference<@Nullable Violation> violation = new AtomicReference<>();
  private final List<String> log = new ArrayList<>(); // guarded by itself
  private final boolean threads;
  private volatile boolean spoiled;
  private final Thread own = Thread.currentThread();
  private volatile boolean crossed;

  /** A broken promise. Never thrown through the library, which might catch and keep it. */
  static final class Violation extends Error {
    private static final long serialVersionUID = 1;

    Violation(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** A thread that works for a round. */
  static final class Actor {
    private final Round round;
    private final Dice dice;
    private int depth;

    Actor(Round round, Dice dice) {
      this.round = round;
      this.dice = dice;
    }

    int depth() {
      return depth;
    }

    Dice dice() {
      return dice;
    }
  }

  Round(long seed, Workshop workshop, Set<Mischief.Kind> kinds) {
    this.seed = seed;
    this.workshop = workshop;
    Dice dice = dice();
    this.mischief = new Mischief(this, kinds, dice);
    this.threads = kinds.contains(Mischief.Kind.THREADS) && dice.oneIn(4);
  }

  /** The number that determines all choices. */
  long seed() {
    return seed;
  }

  Workshop workshop() {
    return workshop;
  }

  Mischief mischief() {
    return mischief;
  }

  /** Returns whether other threads take part. */
  boolean hasThreads() {
    return threads;
  }

  /** The actor of this round for the current thread. */
  Actor actor() {
    Actor actor = ACTORS.get();
    if (actor == null || actor.round != this) {
      actor = new Actor(this, new Dice(seed ^ ((long) actors.getAndIncrement() << 48)));
      ACTORS.set(actor);
    }
    return actor;
  }

  Dice dice() {
    return actor().dice;
  }

  /**
   * Runs the round.
   *
   * @return number of operations
   * @throws Violation if a promise was broken
   */
  long run() {
    Dice dice = dice();
    int count = 1 + dice.below(3);
    for (int i = 0; i < count; i++) {
      Subject subject = Subjects.open(this);
      if (subject != null) {
        subjects.add(subject);
      }
    }
    int steps = 4 + dice.below(MOST_OPERATIONS);
    for (int i = 0; i < steps && !subjects.isEmpty() && violation.get() == null; i++) {
      if (threads && dice.oneIn(8)) {
        workshop.rivals().submit(dice.below(2), this::step);
      } else {
        step();
      }
      clearInterrupt(dice);
    }
    end(dice);
    Violation found = violation.get();
    if (found != null) {
      throw found;
    }
    return operations.get();
  }

  private static void clearInterrupt(Dice dice) {
    if (dice.oneIn(2)) {
      Thread.interrupted();
    }
  }

  /** Performs one operation on one of the objects. */
  void step() {
    Actor actor = actor();
    if (subjects.isEmpty() || violation.get() != null) {
      return;
    }
    actor.depth++;
    try {
      Subject subject = actor.dice.of(subjects);
      if (isForThisThread(subject)) {
        subject.operate(this);
      }
    } finally {
      actor.depth--;
    }
  }

  /** Closes one of the objects, whatever operations are running on it. */
  void closeOne() {
    if (!subjects.isEmpty()) {
      Subject subject = dice().of(subjects);
      if (isForThisThread(subject)) {
        subject.close(this);
      }
    }
  }

  /**
   * Returns whether a worker of one object might wait here for another one, whose worker waits for
   * the first. An object cannot prevent such a deadlock between two.
   */
  private boolean isWorkerOfOneOfSeveral() {
    return Thread.currentThread().getName().startsWith("disky-")
        && subjects.stream().filter(Round::hasWorkers).count() > 1;
  }

  private static boolean hasWorkers(Subject subject) {
    return subject.isShared() && !(subject instanceof ValueSubject);
  }

  /**
   * Returns whether the current thread may use {@code subject}. A thread that is about to end must
   * not become the owner of an object, because no thread could close the object then.
   */
  private boolean isForThisThread(Subject subject) {
    if (hasWorkers(subject) && isWorkerOfOneOfSeveral()) {
      return false;
    }
    return subject.isShared() || Thread.currentThread().getName().startsWith("misuse");
  }

  private void end(Dice dice) {
    mischief.end();
    if (dice.oneIn(2)) {
      workshop.rivals().await();
    }
    Thread.interrupted();
    subjects.forEach(subject -> subject.close(this));
    workshop.rivals().await();
    if (threads) {
      // Only its owner can close an object that belongs to a thread.
      workshop.rivals().submitToAll(() -> subjects.forEach(subject -> subject.close(this)));
      workshop.rivals().await();
      Thread.interrupted();
      subjects.forEach(subject -> subject.close(this));
    }
    for (Subject subject : subjects) {
      if (!subject.isClosed()) {
        violate("no thread could close " + subject, null);
      }
      subject.check(this);
    }
  }

  /**
   * Runs {@code action}, an operation of the library, and checks the exception that it throws.
   *
   * @param what the name of the operation for the log
   * @param allowed the documented exceptions of the operation
   * @return whether it completed without an exception
   */
  boolean attempt(String what, Set<Allowed> allowed, Action action) {
    return thrownBy(what, allowed, action) == null;
  }

  /**
   * Does the same as {@link #attempt} and returns the exception; {@code null} if there was none.
   */
  @Nullable Throwable thrownBy(String what, Set<Allowed> allowed, Action action) {
    operations.incrementAndGet();
    crossed |= Thread.currentThread() != own;
    log(what);
    try {
      action.run();
      return null;
    } catch (Throwable thrown) {
      judge(what, allowed, thrown);
      return thrown;
    }
  }

  private void judge(String what, Set<Allowed> allowed, Throwable thrown) {
    log("  " + what + " threw " + thrown.getClass().getName());
    if (thrown instanceof Violation found) {
      violation.compareAndSet(null, found);
    } else if (!mischief.explains(thrown) && !isAllowed(allowed, thrown)) {
      violate(what + " threw an undocumented exception", thrown);
    }
  }

  private boolean isAllowed(Set<Allowed> allowed, Throwable thrown) {
    if (thrown instanceof WrongThreadException) {
      // An object that a callback has used on a thread of the library belongs to that thread.
      return threads || crossed;
    }
    return (Allowed.isIn(allowed, thrown) || isOfSeeking(thrown)) && !isDefect(thrown);
  }

  /**
   * Returns whether {@code thrown} is the exception of reading after a seek to a position at which
   * no chunk begins.
   */
  static boolean isOfSeeking(Throwable thrown) {
    String message = thrown.getMessage();
    return thrown instanceof IllegalArgumentException
        && message != null
        && message.contains("to which the reader was moved");
  }

  /** Returns whether {@code thrown} shows a detected fault of the library itself. */
  private static boolean isDefect(Throwable thrown) {
    String message = thrown.getMessage();
    return message == null || message.isBlank() || message.contains("panicked");
  }

  /** Reports a broken promise. Only the first one is kept. */
  void violate(String message, @Nullable Throwable cause) {
    log("VIOLATION: " + message);
    violation.compareAndSet(null, new Violation(message, cause));
  }

  /** Reports an action after which records may be missing or in another order. */
  void spoil() {
    spoiled = true;
  }

  /** Returns whether records may be missing, because other code has taken them. */
  boolean isSpoiled() {
    return spoiled;
  }

  /** Adds a line to the log of the round. */
  void log(String line) {
    synchronized (log) {
      if (log.size() < MOST_LOGGED) {
        log.add(
            Thread.currentThread().getName()
                + " "
                + INDENTS.get(Math.min(INDENTS.size() - 1, depth()))
                + line);
      }
    }
  }

  private static int depth() {
    Actor actor = ACTORS.get();
    return actor == null ? 0 : actor.depth;
  }

  /** The lines of the log. */
  List<String> log() {
    synchronized (log) {
      return List.copyOf(log);
    }
  }
}
