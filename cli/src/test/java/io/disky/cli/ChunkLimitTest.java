package io.disky.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.ReaderOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The option {@code --max-chunk-size} of every command that reads. */
class ChunkLimitTest {
  private static final String RECORD = "r".repeat(5000);

  @TempDir private Path directory;

  private Object[] arguments(String command, Path file) {
    return Stream.concat(Arrays.stream(command.split(" ")), Stream.of("--max-chunk-size=4KiB"))
        .map(word -> word.replace("FILE", file.toString()))
        .map(word -> word.replace("OUT", directory.resolve("out").toString()))
        .toArray();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cat FILE",
        "cat --recover FILE",
        "cat --record 0 FILE",
        "convert FILE OUT",
        "convert --to=tfrecord FILE OUT",
        "merge FILE OUT",
        "head FILE",
        "digest FILE",
        "digest --recover FILE",
        "recover FILE OUT",
        "verify --deep FILE"
      })
  void chunksBeyondItAreRefused(String command) throws IOException {
    Path file = RecordTexts.write(directory.resolve("file"), RECORD);
    CliRun.of(arguments(command, file))
        .fails(file + ": byte 64: ", "4096 bytes", "higher limit (--max-chunk-size)");
    Path small = RecordTexts.write(directory.resolve("small"), "a");
    assertThat(CliRun.of(arguments(command, small)).status()).isZero();
  }

  @Test
  void headersAreReadWhateverIsBehindThem() throws IOException {
    Path file = RecordTexts.write(directory.resolve("file"), RECORD);
    for (String command : new String[] {"count FILE", "index FILE", "verify FILE"}) {
      CliRun.of(arguments(command, file)).succeeds();
    }
    CliRun run = CliRun.of(arguments("describe FILE", file)).succeeds();
    assertThat(run.text()).contains("record sizes   -");
  }

  /**
   * The default limit is at least the maximum heap size, so that a chunk of any writer on this
   * machine can be read.
   */
  @Test
  void isAsMuchAsThereIsMemoryForByDefault() {
    long limit = new ChunkLimit().on(ReaderOptions.defaults()).maxChunkSize();
    assertThat(limit)
        .isGreaterThanOrEqualTo(ReaderOptions.DEFAULT_MAX_CHUNK_SIZE)
        .isGreaterThanOrEqualTo(Runtime.getRuntime().maxMemory());
  }

  @Test
  void isAPositiveSize() {
    CliRun.of("count", "--max-chunk-size=0", "x").isRefused("--max-chunk-size", "0 bytes");
    CliRun.of("count", "--max-chunk-size=much", "x").isRefused("'much' is not a size");
  }
}
