package io.disky.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.disky.OpenMode;
import io.disky.RecordWriter;
import io.disky.WriterOptions;
import io.disky.damage.FileDamage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
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

/** {@code disky cat --follow} of a log whose files a crash has torn. */
@Timeout(300) // Only makes the test fail if a command waits for ever.
class FollowedLogTest {
  @TempDir private Path directory;
  private Path logs;
  private Path first;

  @BeforeEach
  void setUp() throws IOException {
    logs = Files.createDirectory(directory.resolve("logs"));
    first = RecordTexts.write(logs.resolve("log-000000.disky"), "one");
  }

  private static void append(Path file, String record) throws IOException {
    WriterOptions options = WriterOptions.defaults().withOpenMode(OpenMode.APPEND).withRepair(true);
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      writer.write(record.getBytes(UTF_8));
    }
  }

  private static void appendZeros(Path file) throws IOException {
    Files.write(file, new byte[3000], StandardOpenOption.APPEND);
  }

  /** Passes each line to the test as soon as it is complete. */
  private static final class Lines extends OutputStream {
    private final BlockingQueue<String> complete = new LinkedBlockingQueue<>();
    private final StringBuilder line = new StringBuilder();

    @Override
    public void write(int b) {
      if (b == '\n') {
        complete.add(line.toString());
        line.setLength(0);
      } else {
        line.append((char) b);
      }
    }
  }

  /** A command that runs on another thread. */
  private static final class Follower {
    private final Lines output = new Lines();
    private final Lines messages = new Lines();
    private final Future<Integer> status;

    Follower(ExecutorService executor, String... args) {
      PrintStream err = new PrintStream(messages, true, UTF_8);
      status =
          executor.submit(() -> Main.run(args, new ByteArrayInputStream(new byte[0]), output, err));
    }

    void prints(String... records) throws InterruptedException {
      for (String record : records) {
        assertThat(output.complete.take()).isEqualTo(record);
      }
    }

    void endsWell() throws Exception {
      assertThat(status.get()).isZero();
      assertThat(output.complete).isEmpty();
      assertThat(messages.complete).isEmpty();
    }

    void endsWithError(String... parts) throws Exception {
      assertThat(status.get()).isEqualTo(1);
      assertThat(String.join("\n", messages.complete)).contains(parts).doesNotContain("waiting");
    }
  }

  @Test
  void waitsUntilTheWriterCutsATornEndOff() throws Exception {
    appendZeros(first);
    long end = Files.size(first) - 3000;
    try (ExecutorService executor = Executors.newCachedThreadPool()) {
      Follower plain = new Follower(executor, "cat", "-f", first.toString());
      Follower name = new Follower(executor, "cat", "-F", "-n2", first.toString());
      Follower all = new Follower(executor, "cat", "-f", "-n3", logs.toString());
      Follower matching = new Follower(executor, "cat", "-f", "-n3", logs + "/*.disky");
      for (Follower follower : List.of(plain, name, all, matching)) {
        follower.prints("one");
      }
      plain.endsWithError("byte " + end + ": damaged chunk header");
      for (Follower follower : List.of(name, all, matching)) {
        assertThat(follower.messages.complete.take())
            .contains(first + ": byte " + end + ": damaged chunk header", "waiting until");
      }
      append(first, "two");
      name.prints("two");
      name.endsWell();
      RecordTexts.write(logs.resolve("log-000001.disky"), "three");
      for (Follower follower : List.of(all, matching)) {
        follower.prints("two", "three");
        follower.endsWell();
      }
    }
  }

  /** The command can be started before the service that makes the directory. */
  @Test
  void waitsForADirectory() throws Exception {
    Path later = directory.resolve("later");
    try (ExecutorService executor = Executors.newCachedThreadPool()) {
      Follower follower = new Follower(executor, "cat", "-F", "-n2", later.toString());
      Files.createDirectory(later);
      RecordTexts.write(later.resolve("log-000000.disky"), "one");
      RecordTexts.write(later.resolve("log-000001.disky"), "two");
      follower.prints("one", "two");
      follower.endsWell();
    }
  }

  /** A service keeps its writer open after it has repaired the file. */
  @Test
  void goesOnWhileTheWriterThatCutTheTornEndOffIsOpen() throws Exception {
    appendZeros(first);
    WriterOptions options = WriterOptions.defaults().withOpenMode(OpenMode.APPEND).withRepair(true);
    try (ExecutorService executor = Executors.newCachedThreadPool()) {
      Follower name = new Follower(executor, "cat", "-F", "-n2", first.toString());
      Follower all = new Follower(executor, "cat", "-f", "-n2", logs.toString());
      for (Follower follower : List.of(name, all)) {
        follower.prints("one");
        assertThat(follower.messages.complete.take()).contains("waiting until");
      }
      try (RecordWriter writer = RecordWriter.open(first, options)) {
        Thread.sleep(2500); // the followers look at least twice
        writer.write("two");
        writer.flush();
        for (Follower follower : List.of(name, all)) {
          follower.prints("two");
          follower.endsWell();
        }
      }
    }
  }

  /**
   * The next file exists when the command looks again, as after a start of a log service; or the
   * file lacks a record that was printed, as on a file server after a power cut.
   */
  @Test
  void looksAgainAfterTheRepair() throws Exception {
    byte[] signature = Arrays.copyOf(Files.readAllBytes(first), 64);
    Path lacking = RecordTexts.write(directory.resolve("lacking"), "one");
    Files.write(first, signature);
    appendZeros(first);
    appendZeros(lacking);
    try (ExecutorService executor = Executors.newCachedThreadPool()) {
      Follower all = new Follower(executor, "cat", "-f", "-n1", logs.toString());
      Follower name = new Follower(executor, "cat", "-F", lacking.toString());
      name.prints("one");
      for (Follower follower : List.of(all, name)) {
        assertThat(follower.messages.complete.take()).contains("waiting until");
      }
      assertThat(RecordWriter.repair(first)).isPresent();
      RecordTexts.write(logs.resolve("log-000001.disky"), "two");
      all.prints("two");
      all.endsWell();
      Files.write(lacking, new byte[0]);
      name.endsWithError("after the end of the file; the file was changed");
    }
  }

  @Test
  void damageOfAFileThatAnotherOneFollowsIsAnError() throws Exception {
    RecordTexts.write(logs.resolve("log-000001.disky"), "two");
    byte[] content = Files.readAllBytes(first);
    List<String> reasons = new ArrayList<>();
    for (String tail : List.of("\0".repeat(3000), "torn")) {
      Files.write(first, content);
      Files.writeString(first, tail, StandardOpenOption.APPEND);
      CliRun run = CliRun.of("cat", "-f", logs);
      run.fails("byte " + content.length + ": ");
      assertThat(run.text()).isEqualTo("one\n");
      reasons.add(run.messages());
    }
    assertThat(reasons.get(0)).contains("damaged chunk header");
    assertThat(reasons.get(1)).contains("truncated");
  }

  @Test
  void damageBeforeTheEndIsAnError() throws Exception {
    long data = Files.size(first);
    append(first, "two");
    append(first, "three");
    byte[] content = Files.readAllBytes(first);
    Path headers = Files.createDirectory(directory.resolve("headers"));
    Path header = headers.resolve("log");
    Files.write(header, FileDamage.flip(content, data + 8));
    Files.write(first, FileDamage.flip(content, data + 41));
    try (ExecutorService executor = Executors.newCachedThreadPool()) {
      Follower inData = new Follower(executor, "cat", "-f", logs.toString());
      Follower inHeader = new Follower(executor, "cat", "-f", headers.toString());
      Follower ofName = new Follower(executor, "cat", "-F", header.toString());
      inData.endsWithError("byte " + data + ": damaged chunk data");
      inHeader.endsWithError("byte " + data + ": damaged chunk header");
      ofName.endsWithError("byte " + data + ": damaged chunk header");
    }
  }

  @Test
  void whatIsNotARecordFileIsAnErrorAtOnce() throws Exception {
    Files.writeString(first, "x".repeat(100));
    try (ExecutorService executor = Executors.newCachedThreadPool()) {
      new Follower(executor, "cat", "-F", first.toString()).endsWithError("not a record file");
    }
  }

  @Test
  void aFileThatBecameShorterIsAnError() throws Exception {
    append(first, "two");
    try (ExecutorService executor = Executors.newCachedThreadPool()) {
      Follower follower = new Follower(executor, "cat", "-F", first.toString());
      follower.prints("one", "two");
      Files.write(first, new byte[0]);
      follower.endsWithError("truncated", "the file was cut to 0 bytes");
    }
  }

  @Test
  void aNameThatIsFollowedHasNoRange() {
    for (String option : List.of("--at=64/0", "--range=0:100")) {
      CliRun.of("cat", "-F", option, first)
          .isRefused("-F cannot be combined with --at and --range");
    }
  }
}
