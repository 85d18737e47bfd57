package io.disky;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Runs a scenario of several actors under every schedule there is. Each step of an actor is one
 * call that takes one lock, so that steps in all orders are all that threads can do.
 */
final class Schedules {
  private Schedules() {}

  /** What goes on at the same time; made anew for each schedule. */
  interface Scenario {
    /** How many actors there are. */
    int actors();

    /**
     * Lets an actor do its next step; false if it has to wait, or is at its end: nothing changed.
     */
    boolean step(int actor);

    /** Called when no actor can do anything: all have to be at their ends then. */
    void end();
  }

  /** Runs {@code scenario} under every schedule; how many there were. */
  static long all(Supplier<? extends Scenario> scenario) {
    List<Integer> choices = new ArrayList<>();
    long schedules = 0;
    do {
      run(scenario.get(), choices);
      schedules++;
    } while (next(choices));
    return schedules;
  }

  /** Choices are indices among the actors that can go on, encoded as chosen * 64 + how many. */
  private static void run(Scenario scenario, List<Integer> choices) {
    int depth = 0;
    while (true) {
      int from = depth < choices.size() ? choices.get(depth) : 0;
      int actor = from;
      while (actor < scenario.actors() && !scenario.step(actor)) {
        actor++;
      }
      if (actor == scenario.actors() && from == 0) {
        scenario.end();
        return;
      }
      if (actor == scenario.actors()) {
        // The last alternative was no alternative: the same prefix has been run with the others.
        return;
      }
      if (depth < choices.size()) {
        choices.set(depth, actor);
      } else {
        choices.add(actor);
      }
      depth++;
    }
  }

  private static boolean next(List<Integer> choices) {
    if (choices.isEmpty()) {
      return false;
    }
    int last = choices.size() - 1;
    choices.set(last, choices.get(last) + 1);
    return true;
  }
}
