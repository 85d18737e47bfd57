package io.disky.bench;

import java.util.List;
import java.util.stream.IntStream;

/**
 * What was measured of a contestant.
 *
 * @param contestant who
 * @param nanos of each round, the median time of a run
 * @param allocated what a run takes from the heap of the JVM, in bytes
 * @param peakMemory the most memory the process had, in KiB; 0 if that is unknown
 * @param fileSize size of the file that it reads or writes in bytes; 0 if there is none
 */
record Series(
    Contestant contestant, List<Double> nanos, long allocated, long peakMemory, long fileSize) {
  Statistics time() {
    return Statistics.of(nanos.stream().mapToDouble(Double::doubleValue).toArray());
  }

  /** How many times as fast as {@code other} it was, round by round. */
  Statistics ratioTo(Series other) {
    return Statistics.of(
        IntStream.range(0, nanos.size())
            .mapToDouble(round -> other.nanos.get(round) / nanos.get(round))
            .toArray());
  }
}
