package io.disky.bench;

import com.sun.management.ThreadMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * A process that runs one work for each line on its standard input, as the programs in {@code
 * limits} do, which define the protocol. Each work has a process of its own. In a common process
 * the compiler of the JVM would optimise shared code for all works together.
 */
public final class Worker {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Worker() {}

  /** Runs until the standard input ends. */
  public static void main(String[] args) throws IOException {
    Work work = Works.of(Arguments.parse(args));
    System.out.println("ready");
    BufferedReader requests =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    for (String line = requests.readLine(); line != null; line = requests.readLine()) {
      System.out.println(measure(work, TimeUnit.MILLISECONDS.toNanos(Long.parseLong(line))));
    }
  }

  private static String measure(Work work, long duration) throws IOException {
    StringBuilder times = new StringBuilder();
    long begin = System.nanoTime();
    while (true) {
      work.prepare();
      long allocatedBefore = THREADS.getTotalThreadAllocatedBytes();
      long start = System.nanoTime();
      long checksum = work.run();
      long end = System.nanoTime();
      long allocated = THREADS.getTotalThreadAllocatedBytes() - allocatedBefore;
      times.append(' ').append(end - start);
      if (end - begin >= duration) {
        return checksum + " " + allocated + times;
      }
    }
  }
}
