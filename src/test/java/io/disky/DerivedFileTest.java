package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.disky.testing.LogCapture;
import io.disky.testing.NumberedRecords;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is no data: known by what is in it, whatever it is called. */
class DerivedFileTest {
  private static final long MAGIC =
      ByteBuffer.wrap("diskyidx".getBytes(StandardCharsets.US_ASCII))
          .order(ByteOrder.LITTLE_ENDIAN)
          .getLong();

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void setUp() throws IOException {
    file = NumberedRecords.write(directory.resolve("shard_0"), Compression.none(), 3, 2);
  }

  private Path saveIndex(Path of) throws IOException {
    try (RandomAccessReader reader = RandomAccessReader.open(of)) {
      return reader.saveIndex().getFirst();
    }
  }

  /** As the first version wrote them: all records in one chunk. */
  private static Path writeOld(Path path, int size, int lists, Compression compression)
      throws IOException {
    WriterOptions options = WriterOptions.defaults().withCompression(compression);
    try (RecordWriter writer = RecordWriter.open(path, options)) {
      ByteBuffer header = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
      writer.write(header.putLong(MAGIC).putLong(1).array());
      for (int i = 0; i < lists; i++) {
        byte[] list = new byte[i < lists - 1 ? 2 * 4096 + 300 * i : 2];
        Arrays.fill(list, (byte) i);
        writer.write(list);
      }
    }
    return path;
  }

  @Test
  void indexesAreKnownByTheirContents() throws IOException {
    Path index = saveIndex(file);
    assertThat(DerivedFile.of(index)).contains(DerivedFile.SAVED_INDEX);
    Path renamed = Files.move(index, directory.resolve("shard_1"));
    assertThat(DerivedFile.of(renamed)).contains(DerivedFile.SAVED_INDEX);
    assertThat(DerivedFile.of(file)).isEmpty();
    Path empty = Files.createFile(directory.resolve("empty"));
    assertThat(DerivedFile.of(saveIndex(empty))).contains(DerivedFile.SAVED_INDEX);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 60})
  void oldIndexesAreKnownToo(int lists) throws IOException {
    for (int size : new int[] {72, 136}) {
      for (Compression compression : new Compression[] {Compression.none(), Compression.zstd()}) {
        Path old =
            writeOld(directory.resolve("old" + size + compression), size, lists, compression);
        assertThat(DerivedFile.of(old)).as("%s", old).contains(DerivedFile.SAVED_INDEX);
      }
    }
  }

  @Test
  void dataAreDataWhateverTheyAreCalled() throws IOException {
    Path named = Files.copy(file, directory.resolve("x.index"));
    assertThat(DerivedFile.of(named)).isEmpty();
    Path alike = directory.resolve("alike");
    try (RecordWriter writer = RecordWriter.open(alike)) {
      writer.write(new byte[100]);
    }
    assertThat(DerivedFile.of(alike)).isEmpty();
    Path text = Files.writeString(directory.resolve("text"), "diskyidx".repeat(40));
    assertThat(DerivedFile.of(text)).isEmpty();
    assertThat(DerivedFile.of(directory)).isEmpty();
    assertThat(DerivedFile.of(directory.resolve("missing"))).isEmpty();
  }

  @Test
  void temporaryFilesAreKnownByNameAndContents() throws IOException {
    Path target = directory.resolve("new");
    WriterOptions atomic = WriterOptions.defaults().withAtomicCreation(true);
    try (RecordWriter writer = RecordWriter.open(target, atomic)) {
      writer.write(new byte[100]);
      writer.flush();
      try (var files = Files.list(directory)) {
        assertThat(files.filter(other -> !other.equals(file)))
            .singleElement()
            .satisfies(unfinished ->
                assertThat(DerivedFile.of(unfinished)).contains(DerivedFile.TEMPORARY));
      }
    }
    assertThat(DerivedFile.of(target)).isEmpty();
    String name = ".mine.0123456789abcdef.tmp";
    Path mine = Files.writeString(directory.resolve(name), "my own notes");
    assertThat(DerivedFile.of(mine)).isEmpty();
    Files.write(mine, new byte[0]);
    assertThat(DerivedFile.of(mine)).contains(DerivedFile.TEMPORARY);
  }

  @Test
  void theyAreNoShards() throws IOException {
    Files.move(saveIndex(file), directory.resolve("shard_1"));
    Files.copy(file, directory.resolve("shard_2"));
    try (LogCapture log = new LogCapture()) {
      assertThat(Shards.inDirectory(directory, "shard").list())
          .extracting(Shard::name)
          .containsExactly(file.toString(), directory.resolve("shard_2").toString());
      assertThat(log.messages("shard_1"))
          .singleElement()
          .asString()
          .contains("WARNING", "left out", "a saved index");
      assertThat(Records.recordCount(Shards.inDirectory(directory, "shard"))).isEqualTo(12);
      try (MultiThreadedReader reader = MultiThreadedReader.open(directory, "shard")) {
        assertThat(reader.stream()).hasSize(12);
      }
      Files.delete(file);
      Files.delete(directory.resolve("shard_2"));
      assertThatExceptionOfType(NoSuchFileException.class)
          .isThrownBy(() -> Shards.inDirectory(directory, "shard"));
    }
  }
}
