package io.disky.misuse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What code of the user does while the library waits for it to return. */
final class Mischief {
  /** A way to misbehave. */
  enum Kind {
    /** Throws, whatever it may. */
    THROW,
    /** Calls the library again, on the same objects and on others. */
    REENTER,
    /** Closes objects that are in use. */
    CLOSE,
    /** Fills the stack, or calls the library where there is little of it left. */
    STACK,
    /** Interrupts its thread and others. */
    INTERRUPT,
    /** Has other threads use the objects. */
    THREADS,
    /** Gives memory that is too small, somebody else's, read-only, closed. */
    MEMORY,
    /** Has memory of a file, which it then makes shorter. */
    MAPPED,
    /** Says that it did what it did not, and the other way round. */
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

  /** None in many rounds, of few kinds in most others: so each is seen without the others, too. */
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

  /** No more of it, so that what is left can be checked. */
  void end() {
    ended = true;
  }

  /** Whether there is no more of it. */
  boolean hasEnded() {
    return ended;
  }

  /** Whether the round has {@code kind}, and it is time for it. */
  boolean does(Kind kind) {
    return !ended && kinds.contains(kind) && round.dice().oneIn(3);
  }

  /** Whether this round has none of it. */
  boolean isHarmless() {
    return kinds.isEmpty();
  }

  /**
   * Whether the stack has overflowed, which may leave what was in use unusable: it must not give
   * wrong bytes, nor lose what it has promised to keep, but it need not go on.
   */
  boolean hasOverflowed() {
    return overflowed;
  }

  /** Whether {@code kind} was not left out. */
  boolean knows(Kind kind) {
    return all.contains(kind);
  }

  /** Called by all code of the user that the library calls. */
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
        // Done by those who give memory and bytes.
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

  /** Has no end, and overflows the stack. */
  private static int descend(int depth) {
    return descendFurther(depth + 1) + 1;
  }

  private static int descendFurther(int depth) {
    return descend(depth + 1) + 1;
  }

  /** Goes down to the end of the stack, back up a little, and does something there. */
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
          // The callers have more of the stack.
        }
      }
      if (up-- == 0) {
        round.step();
      }
    }
  }

  /** Whether mischief of this round is why {@code thrown} was thrown. */
  boolean explains(Throwable thrown) {
    if (thrown instanceof StackOverflowError) {
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
