package io.disky.loading;

import java.util.IdentityHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** The batches that the consumer has not closed, with the places that have taken them. */
final class HeldBatches {
  private static final int MOST_NAMED = 3;
  private static final StackWalker WALKER = StackWalker.getInstance();

  private final Map<Delivery, StackWalker.StackFrame> places = new IdentityHashMap<>();
  private long bytes;

  /** The first caller outside the library. */
  static StackWalker.StackFrame caller() {
    return WALKER.walk(
        frames ->
            frames
                .filter(frame -> !frame.getClassName().startsWith("io.disky.load"))
                .findFirst()
                .orElseThrow());
  }

  /** The consumer at {@code place} takes a batch. */
  void take(Delivery batch, StackWalker.StackFrame place) {
    places.put(batch, place);
    bytes += batch.counted();
  }

  /** The consumer has closed a batch. */
  void give(Delivery batch) {
    if (places.remove(batch) != null) {
      bytes -= batch.counted();
    }
  }

  /** Number of batches. */
  int count() {
    return places.size();
  }

  /** The memory of the batches in bytes. */
  long bytes() {
    return bytes;
  }

  /** The places, for messages. */
  String text() {
    Map<String, Long> counts =
        places.values().stream()
            .collect(
                Collectors.groupingBy(
                    place -> place.toStackTraceElement().toString(), Collectors.counting()));
    return counts.entrySet().stream()
        .limit(MOST_NAMED)
        .map(entry -> entry.getValue() + " taken at " + entry.getKey())
        .collect(Collectors.joining(", "));
  }
}
