package io.disky.misuse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.StringConcatException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** The misbehaviour of user code that the library calls. */
final class Mischief {
  /** A way to misbehave. */
  enum Kind {
    /** Throws any kind of exception or error. */
    THROW,
    /** Calls the library again, on the same object and on others. */
    REENTER,
    /** Closes objects that are in use. */
    CLOSE,
    /** Overflows the stack, or calls the library when little of the stack is left. */
    STACK,
    /** Interrupts its own thread and others. */
    INTERRUPT,
    /** Lets other threads use the objects. */
    THREADS,
    /** Returns memory that is too small, used otherwise, read-only, or closed. */
    MEMORY,
    /** Uses the memory of a mapped file and then truncates the file. */
    MAPPED,
    /** Reports a success that did not happen, or hides one that did. */
    LIE
  }

  private static final int DEEPEST = 3;

  private final Round round;
  private final List<Kind> kinds;
  private final Set<Kind> all;
  private final int rarity;
  private volatile boolean ended;
  private volatile boolean planted;
  private volatile boolean overflowed;

  /**
   * Chooses the kinds of a round: none in many rounds and few in most others, so that each kind
   * also occurs alone.
   */
  Mischief(Round round, Set<Kind> all, Dice dice) {
    this.round = round;
    this.all = all;
    this.kinds = new ArrayList<>();
    if (!dice.oneIn(3)) {
      for (Kind kind : all) {
        if (dice.oneIn(3)) {
          kinds.add(kind);
        }
      }
    }
    this.rarity = 2 + dice.below(30);
  }

  /** Ends the misbehaviour, so that the results can be checked. */
  void end() {
    ended = true;
  }

  /** Returns whether the misbehaviour has ended. */
  boolean hasEnded() {
    return ended;
  }

  /** Returns whether to misbehave now in the way of {@code kind}, by chance. */
  boolean does(Kind kind) {
    return !ended && kinds.contains(kind) && round.dice().oneIn(3);
  }

  /** Returns whether this round has no misbehaviour. */
  boolean isHarmless() {
    return kinds.isEmpty();
  }

  /**
   * Returns whether the stack has overflowed. The objects in use may then be unusable: they need
   * not go on, but they must not return wrong bytes nor lose data that they have promised to keep.
   */
  boolean hasOverflowed() {
    return overflowed;
  }

  /** Returns whether the settings allow {@code kind}. */
  boolean knows(Kind kind) {
    return all.contains(kind);
  }

  /** As {@link #here(String)}; counts in {@code interruptions} how often that does not return. */
  void here(String where, AtomicLong interruptions) {
    boolean returned = false;
    try {
      here(where);
      returned = true;
    } finally {
      if (!returned) {
        interruptions.incrementAndGet();
      }
    }
  }

  /** Misbehaves by chance. All user code that the library calls must call this. */
  void here(String where) {
    if (ended || kinds.isEmpty()) {
      return;
    }
    Round.Actor actor = round.actor();
    if (actor.depth() > DEEPEST || !actor.dice().oneIn(rarity)) {
      return;
    }
    Kind kind = actor.dice().of(kinds);
    round.log("! " + kind + " in " + where);
    switch (kind) {
      case THROW -> throw plant(actor.dice());
      case REENTER -> round.step();
      case CLOSE -> round.closeOne();
      case STACK -> overflow(actor.dice());
      case INTERRUPT -> interrupt(actor.dice());
      case THREADS -> {
        if (round.hasThreads()) {
          round.workshop().rivals().submit(actor.dice().below(2), round::step);
        }
      }
      case MEMORY, MAPPED, LIE -> {
        // Arenas, sources and sinks do this themselves.
      }
    }
  }

  private RuntimeException plant(Dice dice) {
    planted = true;
    return switch (dice.below(7)) {
      case 0 -> new Planted.Unchecked();
      case 3 -> throw new Planted.Assertion();
      case 4 -> new Planted.Argument();
      case 5 -> throw new Planted.Memory();
      case 1 -> throw new Planted.Fatal();
      case 2 -> Planted.<RuntimeException>sneak(new Planted.Checked());
      default -> Planted.<RuntimeException>sneak(new Planted.Io());
    };
  }

  private void interrupt(Dice dice) {
    if (dice.oneIn(2)) {
      Thread.currentThread().interrupt();
    } else if (round.hasThreads()) {
      round.workshop().rivals().interrupt(dice.below(2));
    }
  }

  private void overflow(Dice dice) {
    overflowed = true;
    if (dice.oneIn(4)) {
      descend(0);
    } else {
      new Dive(dice.below(dice.oneIn(2) ? 120 : 1_500)).down();
    }
  }

  /** Recurses without end and overflows the stack. */
  private static int descend(int depth) {
    return descendFurther(depth + 1) + 1;
  }

  private static int descendFurther(int depth) {
    return descend(depth + 1) + 1;
  }

  /** Fills the stack, returns a few frames, and misbehaves there. */
  private final class Dive {
    private int up;

    Dive(int up) {
      this.up = up;
    }

    void down() {
      if (up >= 0) {
        try {
          down();
        } catch (StackOverflowError _) {
          // The callers have more room on the stack.
        }
      }
      if (up-- == 0) {
        round.step();
      }
    }
  }

  /** Also if the JVM met the end of the stack while it linked code that runs for the first time. */
  private static boolean isOverflow(Throwable thrown) {
    Throwable root = thrown;
    while (root instanceof BootstrapMethodError || root instanceof StringConcatException) {
      root = root.getCause();
    }
    return root instanceof StackOverflowError;
  }

  /** Returns whether the misbehaviour of this round can explain {@code thrown}. */
  boolean explains(Throwable thrown) {
    if (isOverflow(thrown)) {
      return overflowed;
    }
    boolean mayWrap =
        thrown instanceof Planted
            || thrown instanceof IOException
            || thrown instanceof UncheckedIOException
            || thrown instanceof IllegalStateException;
    return planted && mayWrap && Planted.isIn(thrown);
  }
}
