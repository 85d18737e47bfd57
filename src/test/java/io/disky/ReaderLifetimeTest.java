package io.disky;

import static io.disky.lifetime.LifetimeAssert.descriptors;
import static io.disky.testing.NumberedRecords.assertRest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.disky.testing.NumberedRecords;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The end of a reader, and of what it holds. */
class ReaderLifetimeTest {
  private static final int CHUNKS = 3;
  private static final int PER_CHUNK = 4;
  private static final int LAST = CHUNKS * PER_CHUNK - 1;

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void setUp() throws IOException {
    file = NumberedRecords.write(directory.resolve("file"), Compression.zstd(), CHUNKS, PER_CHUNK);
  }

  @Test
  void refusesEverythingOnceClosed() throws IOException {
    RecordReader reader = RecordReader.open(file);
    reader.close();

    for (ThrowingCallable use : uses(reader)) {
      assertThatIllegalStateException().isThrownBy(use);
    }
  }

  @Test
  void stillSaysWhatItWas() throws IOException {
    RecordReader reader = RecordReader.open(file);
    assertThat(reader.isOpen()).isTrue();
    reader.close();
    assertThat(reader.isOpen()).isFalse();
    assertThat(reader.path()).contains(file);
    assertThat(reader.fileSize()).isEqualTo(Files.size(file));
  }

  @Test
  void closingTwiceDoesNothing() throws IOException {
    RecordReader reader = RecordReader.open(file);
    assertRest(reader, 0, LAST);
    reader.close();
    reader.close();
    assertThat(reader.isOpen()).isFalse();
  }

  @Test
  void closingOneLeavesAnotherOpen() throws IOException {
    try (RecordReader one = RecordReader.open(file);
        RecordReader other = RecordReader.open(file)) {
      RecordBatch batch = other.nextBatch();
      one.nextBatch().data();
      one.close();
      NumberedRecords.assertRecords(batch, 0);
      assertRest(other, PER_CHUNK, LAST);
    }
  }

  @Test
  void mayBeClosedWhileChunksAreDescribed() throws IOException {
    RecordReader reader = RecordReader.open(file);
    long[] records = {0};
    try {
      reader.forEachChunk(chunk -> {
        reader.close();
        records[0] += chunk.recordCount();
      });
    } catch (IllegalStateException _) {
      // Also an answer.
    }
    assertThat(records[0]).isIn(0L, LAST + 1L);
    assertThat(reader.isOpen()).isFalse();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void holdsOneDescriptorUntilItIsClosed() throws IOException {
    RecordReader reader = RecordReader.open(file);
    assertThat(descriptors(file)).isEqualTo(1);
    reader.recordCount();
    reader.describe();
    assertRest(reader, 0, LAST);
    assertThat(descriptors(file)).isEqualTo(1);
    reader.close();
    assertThat(descriptors(file)).isZero();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void holdsNoDescriptorAfterADescriptionThatWasGivenUp() throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      assertThatExceptionOfType(ArithmeticException.class)
          .isThrownBy(() ->
              reader.forEachChunk(chunk -> {
                throw new ArithmeticException();
              }));
      assertThat(descriptors(file)).isEqualTo(1);
      assertRest(reader, 0, LAST);
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void holdsNoDescriptorAfterItFailed() throws IOException {
    Path other = Files.writeString(directory.resolve("other"), "no record file");
    try (RecordReader reader = RecordReader.open(other)) {
      for (ThrowingCallable use : uses(reader)) {
        assertThatExceptionOfType(Exception.class).isThrownBy(use);
      }
      assertThat(descriptors(other)).isEqualTo(1);
    }
    assertThat(descriptors(other)).isZero();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void batchInAnArenaHoldsNoDescriptor() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      RecordBatch batch;
      try (RecordReader reader = RecordReader.open(file)) {
        batch = reader.nextBatch(arena);
      }
      assertThat(descriptors(file)).isZero();
      NumberedRecords.assertRecords(batch, 0);
    }
  }

  private static List<ThrowingCallable> uses(RecordReader reader) {
    return List.of(
        reader::recordCount,
        reader::describe,
        () -> reader.forEachChunk(chunk -> {}),
        () -> reader.next(),
        () -> reader.iterator().hasNext(),
        () -> reader.stream().findFirst(),
        () -> reader.spliterator().tryAdvance(record -> {}),
        () -> reader.forEach(record -> {}),
        () -> reader.visit(record -> {}),
        () -> reader.visitBatches(batch -> {}),
        reader::nextBatch,
        () -> reader.nextBatch(Arena.ofAuto()),
        () -> reader.batches().findFirst());
  }
}
