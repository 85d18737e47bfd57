package io.disky;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A writer under random use and misuse: the file has exactly what was accepted. */
class WriterStressTest {
  private static final int STEPS = 1500;
  private static final long[] CHUNK_SIZES = {1, 100, 1000, 65_536, 1 << 20};

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void writesWhatItAccepted(long seed) throws IOException {
    System.out.println("seed " + seed);
    Session session = new Session(directory.resolve("file"), new Random(seed));
    for (int i = 0; i < STEPS; i++) {
      session.step();
    }
    session.finish();
  }

  /** The records that a file is to have, and the writer that writes them. */
  private static final class Session {
    private final Path file;
    private final Random random;
    private final List<byte[]> accepted = new ArrayList<>();
    private RecordWriter writer;
    private long takenByWriter;

    Session(Path file, Random random) throws IOException {
      this.file = file;
      this.random = random;
      open();
    }

    private void open() throws IOException {
      Dialect[] dialects = Dialect.values();
      WriterOptions options =
          WriterOptions.defaults()
              .withOpenMode(OpenMode.APPEND)
              .withChunkSize(CHUNK_SIZES[random.nextInt(CHUNK_SIZES.length)])
              .withCompression(random.nextBoolean() ? Compression.none() : Compression.zstd(1))
              .withDialect(dialects[random.nextInt(dialects.length)]);
      writer = RecordWriter.open(file, options);
      takenByWriter = 0;
    }

    void step() throws IOException {
      byte[] record = record();
      switch (random.nextInt(16)) {
        case 0, 1 -> writeArray(record);
        case 2 -> writeRange(record);
        case 3 -> writeBuffer(record);
        case 4 -> writeSegment(record);
        case 5, 6, 7, 8, 9 -> build(record);
        case 10 -> buildAndThrow(record.length);
        case 11 -> buildTooMuch(record.length);
        case 12 -> writeEnded();
        case 13 -> flush();
        case 14 -> misuseInSlot(record);
        default -> reopenSometimes();
      }
      assertThat(writer.recordCount()).isEqualTo(takenByWriter);
    }

    private byte[] record() {
      int magnitude = random.nextInt(10);
      int most = magnitude == 0 ? 300_000 : magnitude < 3 ? 3000 : 60;
      byte[] record = new byte[random.nextInt(most)];
      random.nextBytes(record);
      return record;
    }

    private void accept(byte[] record) {
      accepted.add(record);
      takenByWriter++;
    }

    private void writeArray(byte[] record) throws IOException {
      writer.write(record);
      accept(record);
    }

    private void writeRange(byte[] record) throws IOException {
      int offset = random.nextInt(record.length + 1);
      int length = random.nextInt(record.length - offset + 1);
      writer.write(record, offset, length);
      accept(Arrays.copyOfRange(record, offset, offset + length));
    }

    private void writeBuffer(byte[] record) throws IOException {
      ByteBuffer buffer =
          random.nextBoolean()
              ? ByteBuffer.allocateDirect(record.length)
              : ByteBuffer.allocate(record.length);
      buffer.put(record).flip();
      writer.write(random.nextBoolean() ? buffer : buffer.asReadOnlyBuffer());
      accept(record);
    }

    private void writeSegment(byte[] record) throws IOException {
      try (Arena arena = random.nextBoolean() ? Arena.ofConfined() : Arena.ofShared()) {
        writer.write(arena.allocateFrom(JAVA_BYTE, record));
        accept(record);
      }
    }

    private void build(byte[] record) throws IOException {
      long maxSize = record.length + (long) random.nextInt(1 + random.nextInt(200_000));
      writer.write(
          maxSize,
          slot -> {
            assertZero(slot);
            slot.fill((byte) -1);
            MemorySegment.copy(record, 0, slot, JAVA_BYTE, 0, record.length);
            return record.length;
          });
      accept(record);
    }

    private void buildAndThrow(int size) {
      assertThatExceptionOfType(SocketTimeoutException.class)
          .isThrownBy(() ->
              writer.write(
                  size,
                  slot -> {
                    assertZero(slot);
                    slot.fill((byte) -1);
                    throw new SocketTimeoutException();
                  }));
    }

    private void buildTooMuch(int size) {
      assertThatExceptionOfType(IllegalArgumentException.class)
          .isThrownBy(() ->
              writer.write(
                  size,
                  slot -> {
                    slot.fill((byte) -1);
                    return random.nextBoolean() ? -1 : size + 1;
                  }));
    }

    private void writeEnded() {
      MemorySegment ended;
      try (Arena arena = Arena.ofConfined()) {
        ended = arena.allocate(1 + random.nextInt(5000));
      }
      assertThatIllegalStateException().isThrownBy(() -> writer.write(ended));
    }

    private void misuseInSlot(byte[] record) throws IOException {
      writer.write(
          record.length,
          slot -> {
            assertThatIllegalStateException().isThrownBy(() -> writer.write(record));
            assertThatIllegalStateException().isThrownBy(writer::flush);
            assertThatIllegalStateException().isThrownBy(writer::close);
            assertThatIllegalStateException().isThrownBy(() -> writer.write(5, inner -> 5));
            MemorySegment.copy(record, 0, slot, JAVA_BYTE, 0, record.length);
            return record.length;
          });
      accept(record);
    }

    private void flush() throws IOException {
      writer.flush();
      if (random.nextInt(10) == 0) {
        assertFile();
      }
    }

    private void reopenSometimes() throws IOException {
      writer.write(new byte[0]);
      accept(new byte[0]);
      if (random.nextInt(5) == 0) {
        writer.close();
        open();
      }
    }

    void finish() throws IOException {
      writer.close();
      assertFile();
    }

    private void assertFile() throws IOException {
      int number = 0;
      try (RecordReader reader = RecordReader.open(file)) {
        for (MemorySegment record : reader) {
          assertThat(record.mismatch(MemorySegment.ofArray(accepted.get(number))))
              .as("record %s", number)
              .isEqualTo(-1);
          number++;
        }
      }
      assertThat(number).isEqualTo(accepted.size());
    }

    private static void assertZero(MemorySegment slot) {
      MemorySegment zeros = MemorySegment.ofArray(new byte[(int) slot.byteSize()]);
      assertThat(slot.mismatch(zeros)).isEqualTo(-1);
    }
  }
}
