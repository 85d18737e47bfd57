package io.disky;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program that closes its readers does not pay for those that others forget. */
class OpeningAllocationTest {
  private static final int FILES = 200;
  private static final long MOST_BYTES = 32 << 10;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @TempDir Path directory;

  @Test
  void openingAndClosingAllocatesLittle() throws IOException {
    Path file = directory.resolve("file");
    try (RecordWriter writer = RecordWriter.open(file)) {
      writer.write("a record");
    }
    readFirst(file, FILES);
    long before = THREADS.getCurrentThreadAllocatedBytes();
    readFirst(file, FILES);
    long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;

    assertThat(allocated / FILES).isLessThan(MOST_BYTES);
  }

  private static void readFirst(Path file, int times) throws IOException {
    for (int i = 0; i < times; i++) {
      try (RecordReader reader = RecordReader.open(file)) {
        assertThat(reader.next()).isNotNull();
      }
    }
  }
}
