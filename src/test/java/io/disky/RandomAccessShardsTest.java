package io.disky;

import static io.disky.testing.NumberedRecords.bytes;
import static io.disky.testing.NumberedRecords.record;
import static io.disky.testing.NumberedRecords.shuffled;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several files as one sequence. */
class RandomAccessShardsTest {
  private static final long SEED = 20261122;

  @TempDir private Path directory;

  /** Writes 137 records to 7 files; four of these are without records. */
  private List<Path> writeShards() throws IOException {
    List<Path> shards = new ArrayList<>();
    int number = 0;
    for (int count : new int[] {0, 30, 0, 0, 7, 100, 0}) {
      Path shard = directory.resolve("shard_" + shards.size());
      try (RecordWriter writer = RecordWriter.open(shard)) {
        for (int i = 0; i < count; i++) {
          writer.write(record(number++));
          if (i % 10 == 9) {
            writer.flush();
          }
        }
      }
      shards.add(shard);
    }
    return shards;
  }

  @Test
  void shardsAreOneSequence() throws IOException {
    List<Path> shards = writeShards();
    try (RandomAccessReader reader = RandomAccessReader.open(shards)) {
      assertThat(reader.paths()).isEqualTo(shards);
      assertThat(reader.recordCount()).isEqualTo(137);
      for (long index : shuffled(137, SEED)) {
        assertThat(reader.get(index)).isEqualTo(record((int) index));
        int shard = index < 30 ? 1 : index < 37 ? 4 : 5;
        assertThat(reader.path(index)).isEqualTo(shards.get(shard));
        assertThat(reader.index(shard, reader.position(index))).isEqualTo(index);
      }
      try (RecordRange all = reader.batch(0, 137)) {
        for (int i = 0; i < 137; i++) {
          assertThat(bytes(all.get(i))).isEqualTo(record(i));
        }
      }
      assertThatIllegalArgumentException()
          .isThrownBy(() -> reader.index(1, new RecordPosition(64, 10)));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> reader.index(1, new RecordPosition(65, 0)));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> reader.index(0, new RecordPosition(0, 0)));
      assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(() -> reader.index(7, new RecordPosition(64, 0)));
    }
  }

  /** Shards give the same sequence as their paths, in their order. */
  @Test
  void opensShards() throws IOException {
    List<Path> files = writeShards();
    Shards shards = Shards.inDirectory(directory, "shard");
    try (RandomAccessReader reader = RandomAccessReader.open(shards)) {
      assertThat(reader.paths()).isEqualTo(files);
      assertThat(reader.recordCount()).isEqualTo(137);
      assertThat(reader.get(136)).isEqualTo(record(136));
    }
    Shards two = Shards.of(List.of(files.get(5), files.get(4)));
    RandomAccessOptions options = RandomAccessOptions.defaults().withCacheSize(0);
    try (RandomAccessReader reader = RandomAccessReader.open(two, options)) {
      assertThat(reader.recordCount()).isEqualTo(107);
      assertThat(reader.get(0)).isEqualTo(record(37));
      assertThat(reader.get(106)).isEqualTo(record(36));
      assertThat(reader.chunkMemory()).isZero();
    }
  }

  @Test
  void refusesShardsThatAreNotFiles() throws IOException {
    byte[] contents = Files.readAllBytes(writeShards().get(1));
    Shard memory = Shard.of("in memory", MemorySegment.ofArray(contents));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RandomAccessReader.open(Shards.from(List.of(memory))))
        .withMessage("random access needs files, and this shard is not a file: 'in memory'");
  }

  @Test
  void textHasFilesAndCount() throws IOException {
    List<Path> files = writeShards();
    RandomAccessReader one = RandomAccessReader.open(files.get(4));
    assertThat(one)
        .hasToString("RandomAccessReader[files=" + files.get(4) + ", recordCount=7, open=true]");
    one.close();
    assertThat(one.toString()).endsWith(", recordCount=7, open=false]");
    try (RandomAccessReader all = RandomAccessReader.open(files)) {
      assertThat(all)
          .hasToString(
              "RandomAccessReader[files="
                  + files.get(0)
                  + " and 6 more, recordCount=137, open=true]");
    }
  }
}
