package io.disky.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Promises that hold for the files of every command: it takes remote ones or refuses them with a
 * remedy, and it shows its progress. A new command must have an entry here.
 */
class CommandFilesTest {
  /**
   * The arguments of each command; IN is a file, COPY a copy of it, OUT a file that does not exist,
   * DIR a directory.
   */
  private static final Map<String, String> COMMANDS =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("write", "OUT IN"),
              Map.entry("convert", "IN OUT"),
              Map.entry("shuffle", "IN OUT"),
              Map.entry("split", "-n 1 -o OUT IN"),
              Map.entry("merge", "IN OUT"),
              Map.entry("extract", "IN OUT"),
              Map.entry("verify", "IN"),
              Map.entry("recover", "IN OUT"),
              Map.entry("repair", "IN"),
              Map.entry("cat", "IN"),
              Map.entry("head", "IN"),
              Map.entry("sample", "-n 1 IN"),
              Map.entry("grep", "-p file IN"),
              Map.entry("diff", "IN COPY"),
              Map.entry("count", "IN"),
              Map.entry("index", "--directory DIR IN"),
              Map.entry("digest", "IN"),
              Map.entry("describe", "IN"),
              Map.entry("stats", "IN"),
              Map.entry("report", "IN"),
              Map.entry("plan", "--batch-size=1 IN")));

  /** Commands that read no file of the user. */
  private static final Set<String> WITHOUT_FILES = Set.of("quickstart");

  /** What a command says that refuses a remote file. */
  private static final Map<String, String> REMEDIES =
      Map.of(
          "write", "'disky convert' copies record files from and to addresses",
          "repair", "'disky recover' writes its intact records to a new file");

  /** Commands that show no progress: they read a few records, or chunk headers only. */
  private static final Set<String> SHORT = Set.of("head", "plan", "sample");

  @TempDir private Path directory;
  private FileServer server;
  private Path in;
  private Path copy;

  @BeforeEach
  void start() throws IOException {
    server = new FileServer();
    in = directory.resolve("in");
    Path texts = Files.createDirectory(directory.resolve("texts"));
    for (String name : List.of("file-1", "file-2", "file-3", "file-4")) {
      RecordTexts.file(texts.resolve(name), "x".repeat(1 << 20));
    }
    CliRun.of("write", "--files", "--with-names", "-c", "none", "--chunk-size=1MiB", in, texts)
        .succeeds();
    copy = Files.copy(in, directory.resolve("copy"));
  }

  @AfterEach
  void stop() {
    server.close();
    for (String property :
        List.of(
            Progress.TERMINAL_PROPERTY,
            Progress.DELAY_PROPERTY,
            StandardOutput.TERMINAL_PROPERTY)) {
      System.clearProperty(property);
    }
  }

  @Test
  void everyCommandHasAnEntry() {
    assertThat(Stream.concat(COMMANDS.keySet().stream(), WITHOUT_FILES.stream()))
        .containsExactlyInAnyOrder(Main.SUBCOMMANDS);
  }

  static List<String> commands() {
    return List.copyOf(COMMANDS.keySet());
  }

  private CliRun run(String command, String input) throws IOException {
    List<Object> args = new ArrayList<>(List.of(command));
    Path out = directory.resolve("out");
    Path indexes = Files.createDirectories(directory.resolve("indexes"));
    for (String argument : COMMANDS.get(command).split(" ", -1)) {
      switch (argument) {
        case "IN" -> args.add(input);
        case "COPY" -> args.add(copy);
        case "OUT" -> args.add(out);
        case "DIR" -> args.add(indexes);
        default -> args.add(argument);
      }
    }
    return CliRun.of(args.toArray());
  }

  @ParameterizedTest
  @MethodSource("commands")
  void remoteFilesAreReadOrRefusedWithARemedy(String command) throws IOException {
    String address = server.add("in", Files.readAllBytes(in));
    CliRun remote = run(command, address);
    String remedy = REMEDIES.get(command);
    if (remedy != null) {
      remote.isRefused(address, remedy);
    } else {
      assertThat(remote.status()).as(remote.messages()).isZero();
      assertThat(server.requests()).isPositive();
    }
  }

  @ParameterizedTest
  @MethodSource("commands")
  void longCommandsShowTheirProgress(String command) throws IOException {
    System.setProperty(Progress.TERMINAL_PROPERTY, "true");
    System.setProperty(Progress.DELAY_PROPERTY, "0");
    System.setProperty(StandardOutput.TERMINAL_PROPERTY, "false");
    CliRun run = run(command, in.toString());
    assertThat(run.status()).as(run.messages()).isZero();
    String blank = "\r" + " ".repeat(79) + "\r";
    if (SHORT.contains(command)) {
      assertThat(run.messages()).doesNotContain("%");
    } else {
      assertThat(run.messages()).contains("\r" + command + " ", "%", "MiB", blank);
    }
  }
}
