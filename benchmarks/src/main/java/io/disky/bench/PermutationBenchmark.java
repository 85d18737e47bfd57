package io.disky.bench;

import io.disky.order.KeyedPermutation;
import io.disky.order.OrderKey;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The time of a permuted index, in a loop over ascending indexes, and of its inverse. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(2)
public class PermutationBenchmark {
  private static final int COUNT = 4096;

  /** How many numbers are permuted. */
  @Param({"10", "1000", "65536", "1000000", "1099511627776", "4611686018427387904"})
  public long size;

  private KeyedPermutation permutation;

  /** Makes the permutation. */
  @Setup
  public void prepare() {
    permutation = KeyedPermutation.of(OrderKey.of(1), size);
  }

  /** The numbers at indexes. */
  @Benchmark
  @OperationsPerInvocation(COUNT)
  public long at() {
    long sum = 0;
    long index = 0;
    for (int i = 0; i < COUNT; i++) {
      sum += permutation.at(index);
      index = index + 1 == size ? 0 : index + 1;
    }
    return sum;
  }

  /** The indexes of numbers. */
  @Benchmark
  @OperationsPerInvocation(COUNT)
  public long indexOf() {
    long sum = 0;
    long value = 0;
    for (int i = 0; i < COUNT; i++) {
      sum += permutation.indexOf(value);
      value = value + 1 == size ? 0 : value + 1;
    }
    return sum;
  }
}
