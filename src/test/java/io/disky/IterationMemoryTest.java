package io.disky;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.disky.engine.NativeReader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Iteration decodes all chunks into memory that stays in the processor's caches. */
class IterationMemoryTest {
  private static final int CHUNKS = 5;
  private static final int PER_CHUNK = 2_000;
  private static final String TEXT = "%06d 123456789 123456789 123456789 12345";

  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void write() throws IOException {
    file = write(TEXT);
  }

  private Path write(String text) throws IOException {
    Path written = directory.resolve("file-" + text.length());
    WriterOptions options = WriterOptions.defaults().withCompression(Compression.none());
    try (RecordWriter writer = RecordWriter.open(written, options)) {
      for (int i = 0; i < CHUNKS * PER_CHUNK; i++) {
        writer.write(text.formatted(i));
        if (i % PER_CHUNK == PER_CHUNK - 1) {
          writer.flush(FlushMode.VISIBLE);
        }
      }
    }
    return written;
  }

  @Test
  void chunksOfIterationLieInTheSameMemory() throws IOException {
    assertThat(addresses(ReaderOptions.defaults().withReadAhead(1))).hasSize(1);
  }

  /** The chunks of a run are decoded at the same time. */
  @Test
  void chunksOfIterationLieInTheMemoryOfARun() throws IOException {
    file = write(TEXT + "-".repeat(300));
    assertThat(addresses(ReaderOptions.defaults())).hasSize(NativeReader.mostInRun());
  }

  @Test
  void largeChunksOfSmallRecordsAreNotReadInRuns() throws IOException {
    assertThat(addresses(ReaderOptions.defaults())).hasSize(1);
  }

  /** Where the first record of each chunk lies. */
  private Set<Long> addresses(ReaderOptions options) throws IOException {
    Set<Long> addresses = new HashSet<>();
    int index = 0;
    try (RecordReader reader = RecordReader.open(file, options)) {
      for (MemorySegment record : reader) {
        if (index++ % PER_CHUNK == 0) {
          addresses.add(record.address());
        }
      }
    }
    assertThat(index).isEqualTo(CHUNKS * PER_CHUNK);
    return addresses;
  }

  @Test
  void lastRecordOfAChunkIsValidUntilTheNextOneIsRequested() throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      Iterator<MemorySegment> records = reader.iterator();
      MemorySegment last = records.next();
      for (int i = 0; i < CHUNKS * PER_CHUNK - 1; i++) {
        assertThat(records.hasNext()).isTrue();
        assertThat(new String(Records.toBytes(last), UTF_8)).isEqualTo(TEXT.formatted(i));
        last = records.next();
      }
      assertThat(records.hasNext()).isFalse();
      assertThat(reader.next()).isNull();
      assertThat(reader.lastPosition().recordIndex()).isEqualTo(PER_CHUNK - 1);
      assertThat(new String(Records.toBytes(last), UTF_8))
          .isEqualTo(TEXT.formatted(CHUNKS * PER_CHUNK - 1));
    }
  }
}
