package io.disky.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files that are examined several at a time. */
@Timeout(60)
class ParallelFilesTest {
  @TempDir Path directory;

  @Test
  void anInterruptNamesTheFileThatWasWaitedFor() throws Exception {
    FileArgument file = FileArgument.of(RecordTexts.write(directory.resolve("a file"), "a"));
    ByteArrayOutputStream messages = new ByteArrayOutputStream();
    StandardStreams streams =
        new StandardStreams(
            InputStream.nullInputStream(),
            new StandardOutput(OutputStream.nullOutputStream()),
            new PrintStream(messages, true, UTF_8));
    CountDownLatch end = new CountDownLatch(1);
    try (ParallelFiles<Boolean> files =
        new ParallelFiles<>(
            1,
            streams,
            (_, _) -> {
              try {
                end.await();
              } catch (InterruptedException _) {
                // It is being closed.
              }
              return true;
            },
            new FilesProgress("task", streams))) {
      ParallelFiles.Turn turn = files.begin(file, Progress.UNKNOWN, (_, _) -> {});
      Thread.currentThread().interrupt();
      assertThat(turn.take()).isEqualTo(1);
      assertThat(Thread.interrupted()).as("the thread stays interrupted").isTrue();
    }
    assertThat(messages.toString(UTF_8))
        .isEqualTo("disky: '" + file.name() + "': interrupted while it was examined\n");
  }
}
