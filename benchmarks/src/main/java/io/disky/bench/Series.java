package io.disky.bench;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The results of a contestant.
 *
 * @param contestant the contestant
 * @param nanos the median time of a run in each round, in nanoseconds
 * @param allocated heap memory that a run allocates, in bytes
 * @param peakMemory peak memory of the process in KiB; 0 if it is unknown
 * @param fileSize size in bytes of the file that it reads or writes; 0 if there is none
 */
record Series(
    Contestant contestant, List<Double> nanos, long allocated, long peakMemory, long fileSize) {
  Statistics time() {
    return Statistics.of(nanos.stream().mapToDouble(Double::doubleValue).toArray());
  }

  /** The ratio of its throughput to that of {@code other}, computed for each round. */
  Statistics ratioTo(Series other) {
    return Statistics.of(
        IntStream.range(0, nanos.size())
            .mapToDouble(round -> other.nanos.get(round) / nanos.get(round))
            .toArray());
  }
}
