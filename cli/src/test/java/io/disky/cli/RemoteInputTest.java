package io.disky.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands that read files on a server of HTTP. */
class RemoteInputTest {
  @TempDir Path directory;
  private FileServer server;

  @BeforeEach
  void start() throws IOException {
    server = new FileServer();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private byte[] bytes(String... records) throws IOException {
    Path file = directory.resolve("served");
    Files.deleteIfExists(file);
    return Files.readAllBytes(RecordTexts.write(file, records));
  }

  /** A file of 4 MB. */
  private byte[] large() throws IOException {
    String line = "a record that is stored as it is\n".repeat(30);
    Path file = directory.resolve("large");
    CliRun.with(line.repeat(4000), "write", "-c", "none", file).succeeds();
    return Files.readAllBytes(file);
  }

  /** Each command prints the same for the address as for the local file, except the name. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "cat",
        "cat --skip=1 --limit=1",
        "cat --record=2,0",
        "cat --format=hex",
        "cat --recover",
        "head -n 2",
        "grep -p t",
        "count",
        "verify",
        "verify --deep",
        "describe --chunks",
        "digest --json",
        "stats",
        "report",
        "sample -n 2",
        "plan --batch-size=1",
      })
  void areReadAsLocalFiles(String command) throws IOException {
    Path local = RecordTexts.write(directory.resolve("file"), "one", "two", "three");
    String address = server.add("file", Files.readAllBytes(local));
    String expected = CliRun.of(args(command, local)).succeeds().text();
    String printed = CliRun.of(args(command, address)).succeeds().text();
    assertThat(local(printed, local, address)).isEqualTo(expected);
    assertThat(server.requests()).isPositive();
  }

  /** The text about a remote file, as if it were local. */
  private static String local(String printed, Path local, String address) {
    return printed
        .replace(address, local.toString())
        .replaceAll("remote files .*\n", "")
        .replaceAll("remote .*\n", "");
  }

  private static Object[] args(String command, Object... files) {
    List<Object> args = new ArrayList<>(List.of(command.split(" ", -1)));
    args.addAll(List.of(files));
    return args.toArray();
  }

  @Test
  void severalAreReadInTheirOrder() throws IOException {
    String a = server.add("a", bytes("a"));
    String b = server.add("b", bytes("b"));
    Path local = RecordTexts.write(directory.resolve("local"), "local");
    assertThat(CliRun.of("cat", b, local, a).succeeds().text()).isEqualTo("b\nlocal\na\n");
    assertThat(CliRun.of("cat", "--record=0,1,2", b, local, a).succeeds().text())
        .isEqualTo("b\nlocal\na\n");
    assertThat(CliRun.of("count", "--threads=2", a, b).succeeds().text())
        .isEqualTo("1  " + a + "\n1  " + b + "\n2  total\n");
  }

  @Test
  void areComparedMergedAndConverted() throws IOException {
    String address = server.add("file", bytes("a", "c"));
    Path local = RecordTexts.write(directory.resolve("local"), "a", "b");
    assertThat(CliRun.of("diff", local, address).status()).isOne();
    assertThat(CliRun.of("diff", address, address).succeeds().text()).isEmpty();
    Path out = directory.resolve("out");
    for (String command : List.of("convert", "merge", "recover", "shuffle")) {
      CliRun run = CliRun.of(command, "--force", address, local, out);
      assertThat(run.status()).as(run.messages()).isZero();
      assertThat(RecordTexts.in(out)).containsExactlyInAnyOrder("a", "c", "a", "b");
    }
    CliRun.of("split", "-n", "2", "-o", directory.resolve("shards"), address).succeeds();
    CliRun.of("convert", address, directory.resolve("out.tfrecord")).succeeds();
  }

  @Test
  void namedFilesAreExtracted() throws IOException {
    Path text = RecordTexts.file(directory.resolve("text"), "contents");
    Path archive = directory.resolve("archive");
    CliRun.of("write", "--files", "--with-names", archive, text).succeeds();
    String address = server.add("archive", Files.readAllBytes(archive));
    assertThat(CliRun.of("extract", "--list", address, ".").succeeds().text()).contains("text");
  }

  @Test
  void aSecondCommandReadsFromTheCache() throws IOException {
    byte[] file = large();
    String address = server.add("large", file);
    Path cache = directory.resolve("cache");
    Object[] args = {"digest", "--cache", cache, "--cache-size=16MiB", address};
    String first = CliRun.of(args).succeeds().text();
    long sent = server.sentBytes();
    assertThat(CliRun.of(args).succeeds().text()).isEqualTo(first);
    long sentAgain = server.sentBytes() - sent;
    assertThat(sentAgain).isLessThan(sent / 4);
    assertThat(CliRun.of("digest", address).succeeds().text()).isEqualTo(first);
    // A command may request some bytes in vain, so the first one counts for no more than the file.
    assertThat(server.sentBytes() - sent - sentAgain).isGreaterThanOrEqualTo(file.length);
  }

  @Test
  void optionsOfTheCacheAreChecked() throws IOException {
    String address = server.add("file", bytes("one"));
    Path cache = directory.resolve("cache");
    CliRun.of("cat", "--cache-size=16MiB", address).isRefused("--cache-size needs --cache");
    CliRun.of("cat", "--cache", cache, "--cache-size=1", address).isRefused("'1' is below 16MiB");
    Path file = RecordTexts.file(directory.resolve("no directory"), "");
    CliRun.of("cat", "--cache", file, address).fails("no directory");
  }

  @Test
  void missingFilesAreReported() throws IOException {
    String good = server.add("good", bytes("a"));
    String missing = server.address("missing");
    CliRun.of("cat", missing).fails(missing);
    CliRun run = CliRun.of("count", missing, good);
    run.fails(missing);
    assertThat(run.text()).contains("1  " + good);
  }

  @Test
  void noMessageContainsASecret() throws IOException {
    String address = server.address("missing?signature=secret").replace("//", "//user:secret@");
    for (String command : List.of("cat", "head", "count", "verify", "digest", "describe")) {
      CliRun run = CliRun.of(command, address);
      run.fails(server.address("missing"));
      assertThat(run.messages() + run.text()).doesNotContain("secret");
    }
    String file = server.add("file", bytes("a")) + "?signature=secret";
    CliRun run = CliRun.of("count", file, file.replace("//", "//user:secret@"));
    assertThat(run.succeeds().text()).doesNotContain("secret").contains(server.address("file"));
    String secret = file.replace("//", "//user:secret@");
    for (Object[] args :
        new Object[][] {{"diff", file, file, secret}, {"cat", "--limit", secret}, {secret}}) {
      CliRun refused = CliRun.of(args);
      refused.isRefused(server.address("file"));
      assertThat(refused.messages()).doesNotContain("secret");
    }
    CliRun invalid = CliRun.of("cat", file + "\\");
    invalid.isRefused("must be encoded");
    assertThat(invalid.messages()).doesNotContain("secret");
  }

  /** The size is requested only for a progress that can be shown. */
  @Test
  void theProgressKnowsTheSize() throws IOException {
    byte[] bytes = bytes("a", "b");
    FileArgument file = FileArgument.of(server.add("file", bytes));
    StandardStreams streams =
        new StandardStreams(
            InputStream.nullInputStream(),
            new StandardOutput(OutputStream.nullOutputStream()),
            System.err);
    String before = System.setProperty(Progress.TERMINAL_PROPERTY, "false");
    try (OpenStores stores = streams.stores()) {
      assertThat(RecordFiles.totalSize(List.of(file), streams)).isEqualTo(Progress.UNKNOWN);
      assertThat(server.requests()).isZero();
      System.setProperty(Progress.TERMINAL_PROPERTY, "true");
      assertThat(RecordFiles.totalSize(List.of(file, file), streams)).isEqualTo(2L * bytes.length);
      assertThat(stores.file(file).name()).isEqualTo(file.name());
    } finally {
      if (before == null) {
        System.clearProperty(Progress.TERMINAL_PROPERTY);
      } else {
        System.setProperty(Progress.TERMINAL_PROPERTY, before);
      }
    }
  }

  /** Commands that need local files refuse an address and say why. */
  @Test
  void areRefusedWhereLocalFilesAreNeeded() throws IOException {
    String address = server.add("file", bytes("a"));
    Path out = directory.resolve("out");
    String reason = "is an address, but only a local file can be used here";
    CliRun.of("index", address).isRefused(address, "--directory saves it in a local directory");
    CliRun.of("repair", address).isRefused(address, "'disky recover' writes its intact records");
    CliRun.of("write", out, address).isRefused(address, reason);
    CliRun.of("write", "--files", out, address).isRefused(address, reason);
    CliRun.of("write", "--shards=2", out, address).isRefused(address, reason);
    CliRun.of("write", "--shards=2", address).isRefused(address, reason);
    CliRun.of("convert", "--from=tfrecord", address, out).isRefused(address, reason);
    CliRun.of("convert", "--to=tfrecord", address, address).isRefused(address);
    CliRun.of("extract", address, address).isRefused(address, reason);
    CliRun.of("split", "-n", "2", "-o", address, address).isRefused(address, reason);
    CliRun.of("stats", "--svg", address, address).isRefused(address, reason);
    CliRun.of("cat", "--follow", address).isRefused("--follow needs a local file");
    CliRun.of("cat", "-F", address).isRefused("--follow needs a local file");
    CliRun.of("digest", server.address("directory/") + "*").isRefused("do not list files");
    CliRun.of("cat", "gs://bucket/file").isRefused("io.disky:disky-gcs", "DISKY_CLASSPATH");
    CliRun.of("cat", "nothing://bucket/file").isRefused("nothing://");
    CliRun.with("a\n", "write", address, "-").isRefused("cannot be written");
    assertThat(out).doesNotExist();
  }

  @Test
  void aFailureHalfWayLeavesNoOutput() throws IOException {
    String address = server.add("large", large());
    server.refuseFrom(1 << 20);
    Path out = directory.resolve("out");
    CliRun.of("convert", address, out).fails(address);
    assertThat(out).doesNotExist();
    assertThat(CliRun.of("cat", address).fails(address).text()).hasSizeLessThan(2 << 20);
  }
}
