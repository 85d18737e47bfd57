package io.disky.loading;

import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The batches that the consumer has not closed, with the lines of code that have taken them. */
final class HeldBatches {
  private static final int MOST_NAMED = 3;
  private static final String FIRST = "a place that was not recorded, before all others";

  // The classes on the call stack between the user's code and this class.
  private static final Set<String> TAKING =
      Set.of(
          HeldBatches.class.getName(),
          Schedule.class.getName(),
          Pipeline.class.getName(),
          SizedBatches.class.getName(),
          BatchPublisher.class.getName(),
          "io.disky.loader.DataLoader");

  private static final StackWalker WALKER = StackWalker.getInstance();

  private record Held(StackWalker.@Nullable StackFrame place, long bytes) {
    String text() {
      return place == null ? FIRST : place.toStackTraceElement().toString();
    }
  }

  private final IdentityHashMap<Object, Held> batches = new IdentityHashMap<>();
  private long bytes;

  /** The innermost frame of the call stack outside the classes that take batches. */
  private static StackWalker.StackFrame caller() {
    return WALKER.walk(
        frames -> frames.filter(frame -> !isLibrary(frame)).findFirst().orElseThrow());
  }

  private static boolean isLibrary(StackWalker.StackFrame frame) {
    String name = frame.getClassName();
    int nested = name.indexOf('$');
    return TAKING.contains(nested < 0 ? name : name.substring(0, nested));
  }

  /**
   * The consumer takes a batch. Finding the line of code takes a microsecond and some memory, so
   * this is done only if the consumer holds another batch.
   */
  void take(Object batch, long size) {
    batches.put(batch, new Held(batches.isEmpty() ? null : caller(), size));
    bytes += size;
  }

  /** The consumer has closed a batch, if it has taken it. */
  void give(Object batch) {
    Held held = batches.remove(batch);
    if (held != null) {
      bytes -= held.bytes();
    }
  }

  /** Number of batches. */
  int count() {
    return batches.size();
  }

  /** The memory of the batches in bytes. */
  long bytes() {
    return bytes;
  }

  /** The places, for messages. */
  String text() {
    Map<String, Long> counts =
        batches.values().stream().collect(Collectors.groupingBy(Held::text, Collectors.counting()));
    return counts.entrySet().stream()
        .limit(MOST_NAMED)
        .map(entry -> entry.getValue() + " taken at " + entry.getKey())
        .collect(Collectors.joining(", "));
  }
}
