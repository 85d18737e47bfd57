package io.disky.reading;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.Compression;
import io.disky.engine.NativeReader;
import io.disky.engine.ReaderSettings;
import io.disky.engine.Step;
import io.disky.memory.BatchBuffer;
import io.disky.memory.BufferPool;
import io.disky.testing.NumberedRecords;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class ParallelDecoderTest {
  private static final int LARGEST = 1 << 20;
  private static final ReaderSettings SETTINGS =
      new ReaderSettings(
          LARGEST, LARGEST, LARGEST, false, false, false, false, 0, Long.MAX_VALUE, null);

  @TempDir private Path directory;

  /**
   * The reader's thread lists the first chunks while the other threads are starting. Here there is
   * no other thread that could do it.
   */
  @Test
  void readersThreadDoesNotWaitForTheStartOfTheOthers() throws Exception {
    int chunks = 30;
    Path file = NumberedRecords.write(directory.resolve("file"), Compression.zstd(), chunks, 1000);
    NativeReader engine = NativeReader.open(file, SETTINGS);
    BufferPool buffers = new BufferPool(1);
    ParallelDecoder decoder =
        new ParallelDecoder(buffers, Long.MAX_VALUE, Files.size(file), LARGEST, null);
    try {
      BatchBuffer first = new BatchBuffer();
      Step step = engine.next(first);
      decoder.met(LARGEST);
      decoder.start(List.of(engine.share()), step.position());
      for (int chunk = 1; chunk < chunks; chunk++) {
        ParallelDecoder.Decoded decoded = decoder.take();
        assertThat(decoded).isNotNull();
        assertThat(decoded.place().count()).isEqualTo(1000);
        buffers.give(decoded.buffer());
      }
    } finally {
      decoder.close(false);
      engine.close();
    }
  }
}
