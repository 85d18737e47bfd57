package io.disky.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Runs a scenario of several actors under every schedule there is. Each step of an actor is one
 * call that takes one lock, so that steps in all orders are all that threads can do.
 */
public final class Schedules {
  private Schedules() {}

  /** What goes on at the same time; made anew for each schedule. */
  public interface Scenario {
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
  public static long all(Supplier<? extends Scenario> scenario) {
    ArrayList<Integer> chosen = new ArrayList<>();
    long schedules = 0;
    boolean more = true;
    while (more) {
      if (run(scenario.get(), chosen)) {
        schedules++;
      } else {
        chosen.removeLast();
      }
      more = !chosen.isEmpty();
      if (more) {
        chosen.set(chosen.size() - 1, chosen.getLast() + 1);
      }
    }
    return schedules;
  }

  /**
   * Repeats the choices but for the last one, which is the next that is possible from there on, and
   * goes on to the end; false if none is possible.
   */
  private static boolean run(Scenario scenario, List<Integer> chosen) {
    int last = chosen.size() - 1;
    for (int i = 0; i < last; i++) {
      scenario.step(chosen.get(i));
    }
    if (last >= 0) {
      int actor = step(scenario, chosen.get(last));
      if (actor == scenario.actors()) {
        return false;
      }
      chosen.set(last, actor);
    }
    int actor = step(scenario, 0);
    while (actor < scenario.actors()) {
      chosen.add(actor);
      actor = step(scenario, 0);
    }
    scenario.end();
    return true;
  }

  /** Lets the first actor from {@code from} on that can do its next step. */
  private static int step(Scenario scenario, int from) {
    int actor = from;
    while (actor < scenario.actors() && !scenario.step(actor)) {
      actor++;
    }
    return actor;
  }
}
