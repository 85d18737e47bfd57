package io.disky;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Memory that goes from writer to writer. */
class KeptMemoryTest {
  @TempDir private Path directory;

  @Test
  void isTakenByWhoNeedsAboutAsMuch() {
    MemorySegment memory = KeptMemory.allocate(100_000);
    KeptMemory.give(memory);
    MemorySegment taken = KeptMemory.take(90_000);
    assertThat(taken).isNotNull();
    assertThat(taken.byteSize()).isBetween(90_000L, 720_000L);
    MemorySegment tooLarge = KeptMemory.take(32L << 20);
    assertThat(tooLarge).isNull();
    KeptMemory.give(KeptMemory.allocate(32L << 20));
    assertThat(KeptMemory.take(32L << 20)).isNull();
  }

  @Test
  void isBounded() {
    for (int i = 0; i < 1000; i++) {
      KeptMemory.give(KeptMemory.allocate(1000));
    }
    for (int i = 0; i < 40; i++) {
      KeptMemory.give(KeptMemory.allocate(4 << 20));
      assertThat(KeptMemory.bytes()).isBetween(4L << 20, 64L << 20);
    }
    for (MemorySegment kept = KeptMemory.take(4 << 20);
        kept != null;
        kept = KeptMemory.take(4 << 20)) {
      assertThat(kept.byteSize()).isBetween(4L << 20, 32L << 20);
    }
  }

  /** A slot of the next writer shows nothing of what the one before has written. */
  @Test
  void slotsInMemoryOfAnotherWriterAreZero() throws IOException {
    byte[] secret = new byte[30_000];
    Arrays.fill(secret, (byte) 0x5a);
    for (int round = 0; round < 20; round++) {
      Path file = directory.resolve("file" + round);
      try (RecordWriter writer = RecordWriter.open(file)) {
        for (int i = 0; i < 1 + round % 3; i++) {
          writer.write(
              20_000,
              slot -> {
                for (long at = 0; at < slot.byteSize(); at++) {
                  assertThat(slot.get(ValueLayout.JAVA_BYTE, at)).isZero();
                }
                return 10;
              });
        }
        writer.write(secret);
      }
      assertThat(Files.size(file)).isPositive();
    }
  }
}
