package io.disky.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.disky.testing.SampleRecords;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Results in memory of a mapped file that is truncated meanwhile. */
@EnabledOnOs({OS.LINUX, OS.MAC})
class CollationMemoryTest {
  private static final int MAPPED = 1 << 20;
  private static final int WARM_UP = 300;
  private static final int ROUNDS = 10;
  private static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          ValueLayout.JAVA_LONG_UNALIGNED.withName("a"),
          MemoryLayout.sequenceLayout(8, ValueLayout.JAVA_LONG_UNALIGNED).withName("b"));

  /** A result in an arena. */
  private interface Form {
    Object in(LoadedBatch batch, Arena arena);
  }

  private static final Map<String, Form> FORMS = forms();
  static final List<String> NAMES = List.copyOf(FORMS.keySet());

  @TempDir private Path directory;

  private static Map<String, Form> forms() {
    Map<String, Form> forms = new LinkedHashMap<>();
    forms.put("data", LoadedBatch::data);
    forms.put("offsets", LoadedBatch::offsets);
    forms.put("intOffsets", LoadedBatch::intOffsets);
    forms.put("matrix", LoadedBatch::matrix);
    forms.put("padded", (batch, arena) -> batch.padded(100, arena));
    forms.put("columns", (batch, arena) -> batch.columns(LAYOUT, arena));
    return forms;
  }

  /** An arena of a user, whose memory is that of a mapped file. */
  private record MappedArena(MemorySegment memory) implements Arena {
    @Override
    public MemorySegment allocate(long byteSize, long byteAlignment) {
      return memory.asSlice(MAPPED / 2, byteSize);
    }

    @Override
    public MemorySegment.Scope scope() {
      return memory.scope();
    }

    @Override
    public void close() {}
  }

  @ParameterizedTest
  @FieldSource("NAMES")
  void isReported(String name) throws IOException {
    Form form = FORMS.get(name);
    int[] sizes = new int[1_000];
    Arrays.fill(sizes, 72);
    for (int round = 0; round < ROUNDS; round++) {
      Path file = directory.resolve("mapped" + round);
      Files.write(file, new byte[MAPPED]);
      try (Arena mapping = Arena.ofShared();
          FileChannel channel =
              FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
          LoadedBatch batch = LoadedBatches.of(SampleRecords.ofSizes(sizes))) {
        Arena arena = new MappedArena(channel.map(MapMode.READ_WRITE, 0, MAPPED, mapping));
        for (int i = 0; i < WARM_UP; i++) {
          assertThat(form.in(batch, arena)).isNotNull();
        }
        channel.truncate(100);
        assertThatExceptionOfType(UncheckedIOException.class)
            .isThrownBy(() -> form.in(batch, arena))
            .withMessageContaining("mapped file was truncated");
        assertThat(batch.matrix().byteSize()).isEqualTo(72_000);
      }
    }
  }
}
