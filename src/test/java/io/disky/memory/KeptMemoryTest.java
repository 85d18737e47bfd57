package io.disky.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.RecordWriter;
import java.io.IOException;
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
    NativeMemory memory = NativeMemory.allocate(100_000);
    KeptMemory.give(memory);
    NativeMemory taken = KeptMemory.take(90_000);
    assertThat(taken).isNotNull();
    assertThat(taken.size()).isBetween(90_000L, 720_000L);
    NativeMemory tooLarge = KeptMemory.take(32L << 20);
    assertThat(tooLarge).isNull();
    KeptMemory.give(NativeMemory.allocate(32L << 20));
    assertThat(KeptMemory.take(32L << 20)).isNull();
  }

  @Test
  void isBounded() {
    for (int i = 0; i < 1000; i++) {
      KeptMemory.give(NativeMemory.allocate(1000));
    }
    for (int i = 0; i < 40; i++) {
      KeptMemory.give(NativeMemory.allocate(4 << 20));
      assertThat(KeptMemory.bytes()).isBetween(4L << 20, 64L << 20);
    }
    for (NativeMemory kept = KeptMemory.take(4 << 20);
        kept != null;
        kept = KeptMemory.take(4 << 20)) {
      assertThat(kept.size()).isBetween(4L << 20, 32L << 20);
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
