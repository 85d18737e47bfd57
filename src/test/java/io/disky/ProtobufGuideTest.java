package io.disky;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.CodedInputStream;
import io.disky.testing.MarkdownSamples;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The samples of the guide to protocol buffers run, and its statements hold. */
class ProtobufGuideTest {
  private static final Path GUIDE = Path.of("docs/protobuf.md");

  @TempDir private Path directory;

  /** Messages {1: 7, 3: {1: 9, 2: 5 as sint32}, 4: 1, 4: [2, 3]}. */
  @BeforeEach
  void setUp() throws IOException {
    byte[] message = {8, 7, 26, 4, 8, 9, 16, 10, 32, 1, 34, 2, 2, 3};
    WriterOptions options =
        WriterOptions.defaults().withDialect(Dialect.RIEGELI).withTranspose(true);
    try (RecordWriter writer = RecordWriter.open(directory.resolve("messages.riegeli"), options)) {
      for (int i = 0; i < 100; i++) {
        writer.write(message);
      }
    }
  }

  private long run(int index, String result) throws Exception {
    String sample = MarkdownSamples.of(GUIDE).get(index);
    String imports = lines(sample, true);
    String source =
        imports
            + "\npublic class Sample implements java.util.function.LongSupplier {"
            + "\n  public long getAsLong() {"
            + "\n    try {\n"
            + lines(sample, false).replace("Path.of(\"", "Path.of(\"" + directory + "/")
            + "\n      return "
            + result
            + ";\n    } catch (java.io.IOException e) {"
            + "\n      throw new java.io.UncheckedIOException(e);"
            + "\n    }\n  }\n}";
    Class<?> compiled =
        MarkdownSamples.compile(
            source, Files.createDirectory(directory.resolve("classes" + index)), List.of());
    return ((LongSupplier) compiled.getDeclaredConstructor().newInstance()).getAsLong();
  }

  private static String lines(String sample, boolean imports) {
    return sample
        .lines()
        .filter(line -> line.startsWith("import ") == imports)
        .collect(Collectors.joining("\n"));
  }

  @Test
  void theSamplesReadTheFields() throws Exception {
    assertThat(MarkdownSamples.of(GUIDE)).hasSize(3);
    assertThat(run(0, "fields")).isEqualTo(300);
    assertThat(run(1, "sum")).isEqualTo(100 * (7 + 5 + 1 + 2 + 3));
    assertThat(run(2, "sum")).isEqualTo(700);
  }

  /** If this fails with another version of protobuf-java, the guide's table needs a line. */
  @Test
  void theNewestParserCopiesTheBuffer() throws IOException {
    CodedInputStream stream;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment record = arena.allocateFrom(ValueLayout.JAVA_BYTE, (byte) 8, (byte) 5);
      stream = CodedInputStream.newInstance(record.asByteBuffer());
      record.set(ValueLayout.JAVA_BYTE, 1, (byte) 6);
    }
    assertThat(stream.readTag()).isEqualTo(8);
    assertThat(stream.readInt32()).isEqualTo(5);
  }
}
