package io.disky;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.FileAlreadyExistsException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MemoryShardsTest {
  private static final MultiThreadedWriterOptions OPTIONS =
      MultiThreadedWriterOptions.defaults().withNumShards(3).withMaxBytesPerWriter(20_000);

  private static List<String> read(Shards shards) throws IOException {
    List<String> records = new ArrayList<>();
    try (MultiThreadedReader reader = MultiThreadedReader.open(shards)) {
      for (MemorySegment record : reader) {
        records.add(new String(record.toArray(ValueLayout.JAVA_BYTE), UTF_8));
      }
    }
    return records;
  }

  @Test
  void whatIsWrittenToMemoryIsRead() throws IOException {
    MemoryShards memory = new MemoryShards("part");
    List<String> expected = new ArrayList<>();
    try (MultiThreadedWriter writer = MultiThreadedWriter.open(memory, OPTIONS)) {
      for (int i = 0; i < 10_000; i++) {
        expected.add("record " + i);
        writer.write(expected.getLast().getBytes(UTF_8));
        if (i % 1000 == 0) {
          writer.flush();
        }
      }
    }
    Shards shards = memory.shards();
    assertThat(shards.list()).hasSizeGreaterThan(2);
    assertThat(shards.list().getFirst().name()).isEqualTo("part_0");
    assertThat(read(shards)).containsExactlyInAnyOrderElementsOf(expected);
    assertThat(Records.recordCount(shards)).isEqualTo(10_000);

    // Appending takes other numbers; without it the old ones are gone.
    try (MultiThreadedWriter writer = MultiThreadedWriter.open(memory, OPTIONS)) {
      writer.write("more".getBytes(UTF_8));
    }
    assertThat(Records.recordCount(memory.shards())).isEqualTo(10_001);
    try (MultiThreadedWriter writer = MultiThreadedWriter.open(memory, OPTIONS.withAppend(false))) {
      writer.write("only".getBytes(UTF_8));
    }
    assertThat(read(memory.shards())).containsExactly("only");
  }

  @Test
  void openShardsAreNotThereYet() throws IOException {
    MemoryShards memory = new MemoryShards("part");
    assertThatIllegalArgumentException().isThrownBy(memory::shards);
    try (RecordWriter writer = memory.open(7, WriterOptions.defaults())) {
      writer.write(new byte[1]);
      assertThatIllegalArgumentException().isThrownBy(memory::shards);
      assertThatThrownBy(() -> memory.open(7, WriterOptions.defaults()))
          .isInstanceOf(FileAlreadyExistsException.class)
          .hasMessageContaining("part_7");
    }
    assertThat(memory.shards().list()).hasSize(1);
  }
}
