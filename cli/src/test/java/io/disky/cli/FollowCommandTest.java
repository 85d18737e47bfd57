package io.disky.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.disky.Container;
import io.disky.OpenMode;
import io.disky.RecordWriter;
import io.disky.WriterOptions;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code disky cat --follow}. */
@Timeout(300) // Only makes the test fail if a command waits for ever.
class FollowCommandTest {
  private static final int SIGINT = 2;

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void setUp() throws IOException {
    file = directory.resolve("records");
    RecordWriter.open(file).close();
  }

  private void append(String record) throws IOException {
    WriterOptions options = WriterOptions.defaults().withOpenMode(OpenMode.APPEND);
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      writer.write(record.getBytes(UTF_8));
    }
  }

  /** Passes flushed bytes to the test until the test has ended. */
  private static final class Reached extends OutputStream {
    private final BlockingQueue<String> flushed = new LinkedBlockingQueue<>();
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private volatile boolean broken;

    @Override
    public void write(int b) throws IOException {
      if (broken) {
        throw new IOException("Broken pipe");
      }
      written.write(b);
    }

    @Override
    public void flush() {
      if (written.size() > 0) {
        flushed.add(written.toString(UTF_8));
        written.reset();
      }
    }
  }

  private static InputStream nothing() {
    return new ByteArrayInputStream(new byte[0]);
  }

  @Test
  void printsRecordsAsTheyComeUntilNobodyReadsThem() throws Exception {
    Reached output = new Reached();
    try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
      Future<CliRun> run =
          executor.submit(() -> CliRun.into(output, nothing(), "cat", "--follow", file));
      for (int i = 0; i < 5; i++) {
        append("record " + i);
        assertThat(output.flushed.take()).isEqualTo("record " + i + "\n");
      }
      output.broken = true;
      append("one that nobody reads");
      run.get().succeeds();
    }
  }

  @Test
  void endsAtTheLimit() throws Exception {
    append("one");
    append("two");
    append("three");
    CliRun run = CliRun.of("cat", "--follow", "--skip=1", "--limit=2", file);
    assertThat(run.succeeds().text()).isEqualTo("two\nthree\n");
  }

  @Test
  void endsWithAnArrayRecord() throws IOException {
    WriterOptions options =
        WriterOptions.defaults()
            .withContainer(Container.ARRAY_RECORD)
            .withOpenMode(OpenMode.OVERWRITE);
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      writer.write("one".getBytes(UTF_8));
    }
    assertThat(CliRun.of("cat", "--follow", file).succeeds().text()).isEqualTo("one\n");
  }

  @Test
  void endsWhenItIsInterrupted() throws Exception {
    append("one");
    Reached output = new Reached();
    try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
      Future<CliRun> run =
          executor.submit(() -> CliRun.into(output, nothing(), "cat", "--follow", file));
      assertThat(output.flushed.take()).isEqualTo("one\n");
      executor.shutdownNow();
      run.get().fails("interrupted while waiting for more records");
    }
  }

  /**
   * SIGINT, as Ctrl-C in a shell sends it, ends the command. It has printed all earlier records.
   */
  @Test
  void endsOnSigint() throws Exception {
    append("one");
    Process process = CliProcess.start(directory, List.of(), "cat", "--follow", file);
    try (BufferedReader lines = process.inputReader(UTF_8)) {
      assertThat(lines.readLine()).isEqualTo("one");
      append("two");
      assertThat(lines.readLine()).isEqualTo("two");
      CliProcess.signal(process, "INT");
      assertThat(lines.readLine()).isNull();
      assertThat(process.waitFor()).isEqualTo(128 + SIGINT);
    } finally {
      process.destroyForcibly();
    }
  }

  /**
   * The reader of the output ends, as {@code head -1} does. Nothing more is appended, so no failing
   * write can show this.
   */
  @Test
  void endsWhenItsReaderIsGone() throws Exception {
    append("one");
    Process process = CliProcess.start(directory, List.of(), "cat", "--follow", file);
    try {
      try (BufferedReader lines = process.inputReader(UTF_8)) {
        assertThat(lines.readLine()).isEqualTo("one");
      }
      assertThat(process.waitFor()).isZero();
      assertThat(CliProcess.messages(process)).isEmpty();
    } finally {
      process.destroyForcibly();
    }
  }

  /** Commands that print only after their input has ended, which may never happen. */
  @Test
  void commandsThatCollectTheirInputEndWhenTheirReaderIsGone() throws Exception {
    for (List<String> command : List.of(List.of("write", "-", "-"), List.of("cat", "-"))) {
      List<String> options = List.of("-Djava.io.tmpdir=" + directory);
      Process process = CliProcess.start(directory, options, command.toArray());
      try {
        CliProcess.awaitFile(directory, ".disky.", process);
        process.getInputStream().close();
        assertThat(process.waitFor()).isZero();
        assertThat(CliProcess.messages(process)).isEmpty();
      } finally {
        process.destroyForcibly();
      }
    }
  }

  /** Runs the command on another thread, and passes its output to {@code check}. */
  private static void follow(Check check, Object... args) throws Exception {
    Reached output = new Reached();
    try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
      Future<CliRun> run = executor.submit(() -> CliRun.into(output, nothing(), args));
      check.accept(output.flushed);
      assertThat(run.get().succeeds().status()).isZero();
    }
  }

  private interface Check {
    void accept(BlockingQueue<String> flushed) throws Exception;
  }

  @Test
  void waitsForAMissingFileAndFollowsItsName() throws Exception {
    Path log = directory.resolve("log");
    follow(
        flushed -> {
          RecordTexts.write(log, "one");
          assertThat(flushed.take()).isEqualTo("one\n");
          Files.move(log, directory.resolve("log.1"));
          RecordTexts.write(log, "two");
          assertThat(flushed.take()).isEqualTo("two\n");
        },
        "cat",
        "-F",
        "--limit=2",
        log);
  }

  @Test
  void goesOnWithTheNextFileOfASeries() throws Exception {
    Path logs = Files.createDirectory(directory.resolve("logs"));
    file = logs.resolve("log-000000.disky");
    RecordWriter.open(file).close();
    follow(
        flushed -> {
          append("one");
          assertThat(flushed.take()).isEqualTo("one\n");
          append("two");
          file = logs.resolve("log-000001.disky");
          RecordWriter.open(file).close();
          append("three");
          assertThat(flushed.take()).isEqualTo("two\n");
          assertThat(flushed.take()).isEqualTo("three\n");
        },
        "cat",
        "--follow",
        "--limit=3",
        logs);
    assertThat(CliRun.of("cat", "--follow", "--limit=3", logs + "/*.disky").succeeds().text())
        .isEqualTo("one\ntwo\nthree\n");
  }

  @Test
  void aPatternOrDirectoryWithoutFilesIsWaitedFor() throws Exception {
    Path logs = Files.createDirectory(directory.resolve("empty"));
    follow(
        flushed -> {
          RecordTexts.write(logs.resolve("log-0"), "one");
          assertThat(flushed.take()).isEqualTo("one\n");
        },
        "cat",
        "-f",
        "-n1",
        logs);
    CliRun.of("cat", "-f", directory.resolve("none") + "/*").fails("no such directory");
    CliRun.of("cat", "--retry", file).isRefused("--retry needs --follow");
  }

  @Test
  void whatCannotBeFollowedIsRefused() {
    CliRun.of("cat", "--follow", file, file).isRefused("--follow takes one FILE");
    CliRun.of("cat", "--follow", "-").isRefused("cannot read standard input");
    CliRun.of("cat", "--follow", "--recover", file).isRefused("cannot be combined");
  }
}
