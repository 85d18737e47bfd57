package io.disky.cli;

import io.disky.RecordPosition;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** The largest of many records. Of records with the same size it keeps the first ones. */
final class LargestRecords {
  private static final int MAX = 10;

  /**
   * A record.
   *
   * @param file the name of its file
   * @param number how many records of the file can be read before it
   */
  record Entry(String file, long number, RecordPosition position, long size) {}

  private static final Comparator<Entry> SMALLEST_FIRST =
      Comparator.comparingLong(Entry::size)
          .thenComparing(Comparator.comparingLong(Entry::number).reversed());

  private final PriorityQueue<Entry> kept = new PriorityQueue<>(MAX + 1, SMALLEST_FIRST);

  /** Returns whether a record of this size would be kept, if it came after all others. */
  boolean accepts(long size) {
    return kept.size() < MAX || size > kept.element().size();
  }

  void add(Entry entry) {
    if (accepts(entry.size())) {
      kept.add(entry);
      if (kept.size() > MAX) {
        kept.remove();
      }
    }
  }

  void addAll(LargestRecords others) {
    others.largestFirst().forEach(this::add);
  }

  /** The records from the largest one on. */
  List<Entry> largestFirst() {
    List<Entry> sorted = new ArrayList<>(kept);
    sorted.sort(Comparator.comparingLong(Entry::size).reversed().thenComparingLong(Entry::number));
    return sorted;
  }
}
