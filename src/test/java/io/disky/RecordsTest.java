package io.disky;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.disky.oracle.GoldenManifest;
import io.disky.testing.NumberedRecords;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RecordsTest {
  @TempDir private Path directory;

  @Test
  void eachGoldenFileHasItsRecords() throws IOException {
    for (GoldenManifest.Entry entry : GoldenManifest.all()) {
      assertThat(Records.recordCount(entry.files())).as(entry.path()).isEqualTo(entry.records());
      if (!entry.isSharded()) {
        assertThat(Records.recordCount(entry.location()))
            .as(entry.path())
            .isEqualTo(entry.records());
      }
    }
  }

  @Test
  void shardsAreCountedTogether() throws IOException {
    GoldenManifest.Entry entry = GoldenManifest.entry("disky/shards");

    assertThat(Records.recordCount(Shards.inDirectory(entry.location(), "shard")))
        .isEqualTo(entry.records());
  }

  @Test
  void recordsBecomeBytesAndText() throws IOException {
    Path file = directory.resolve("texts");
    byte[] text = "Größe \u4e2d".getBytes(UTF_8);
    try (RecordWriter writer = RecordWriter.open(file)) {
      writer.write(text);
      writer.write(new byte[0]);
      writer.write(new byte[] {(byte) 0xe4});
    }
    try (RecordReader reader = RecordReader.open(file)) {
      MemorySegment first = reader.next();
      assertThat(Records.toBytes(first)).isEqualTo(text);
      assertThat(Records.toString(first, UTF_8)).isEqualTo("Größe \u4e2d");
      assertThat(Records.toString(reader.next(), UTF_8)).isEmpty();
      MemorySegment last = reader.next();
      assertThat(Records.toString(last, ISO_8859_1)).isEqualTo("ä");
      assertThat(Records.toString(last, UTF_8)).isEqualTo("\ufffd");
    }
  }

  @Test
  void noFilesHaveNone() throws IOException {
    assertThat(Records.recordCount(List.of())).isZero();
  }

  @Test
  void firstFailureInTheListIsNamed() throws IOException {
    List<Path> files = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      Path file = directory.resolve("file" + i);
      files.add(file);
      if (i != 7 && i != 9) {
        NumberedRecords.write(file, Compression.none(), 2, 3);
      }
    }
    Files.writeString(files.get(9), "this is no record file");

    assertThatExceptionOfType(ShardException.class)
        .isThrownBy(() -> Records.recordCount(files))
        .withMessageContaining(files.get(7).toString())
        .withCauseInstanceOf(NoSuchFileException.class)
        .satisfies(e -> assertThat(e.shard()).isEqualTo(files.get(7).toString()));
  }

  @Test
  void interruptEndsCounting() {
    CountDownLatch never = new CountDownLatch(1);
    Shard waiting =
        new Shard() {
          @Override
          public String name() {
            return "waiting";
          }

          @Override
          public RecordReader open(ReaderOptions options) throws IOException {
            try {
              never.await();
            } catch (InterruptedException e) {
              throw new InterruptedIOException();
            }
            throw new IOException("nobody counts down");
          }
        };
    Thread.currentThread().interrupt();
    try {
      assertThatExceptionOfType(InterruptedIOException.class)
          .isThrownBy(() -> Records.recordCount(Shards.from(List.of(waiting))));
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void noThreadIsLeft() throws IOException {
    Records.recordCount(List.of(GoldenManifest.entry("disky/mixed.zstd.disky").location()));

    // They have done their work, but may be about to end.
    while (countingThreads() > 0) {
      Thread.onSpinWait();
    }
    assertThat(countingThreads()).isZero();
  }

  private static long countingThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("disky-count"))
        .count();
  }
}
