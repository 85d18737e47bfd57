package io.disky.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.disky.RecordReader;
import io.disky.damage.FileDamage;
import io.disky.oracle.OracleReader;
import io.disky.oracle.ZstdDialect;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code disky write}. */
class WriteCommandTest {
  @TempDir Path directory;
  private Path out;

  @BeforeEach
  void nameOutput() {
    out = directory.resolve("out.disky");
  }

  private Path input(String name, String bytes) throws IOException {
    return RecordTexts.file(directory.resolve(name), bytes);
  }

  // Lines

  @Test
  void takesLinesOfStandardInputByDefault() throws IOException {
    CliRun.with("one\ntwo\n", "write", out).succeeds();
    assertThat(RecordTexts.in(out)).containsExactly("one", "two");
  }

  @Test
  void keepsEveryByteOfALine() throws IOException {
    CliRun.with("\r\n\n\u0000\u00ff\r\nlast", "write", "--lines", out, "-").succeeds();
    assertThat(RecordTexts.in(out)).containsExactly("\r", "", "\u0000\u00ff\r", "last");
  }

  @Test
  void endsALineWhereItsFileEnds() throws IOException {
    Path first = input("first", "a\nb");
    Path empty = input("empty", "");
    Path second = input("second", "c\n\n");
    CliRun.with("stdin", "write", out, first, empty, "-", second).succeeds();
    assertThat(RecordTexts.in(out)).containsExactly("a", "b", "stdin", "c", "");
  }

  @Test
  void writesAFileWithoutRecords() throws IOException {
    CliRun.of("write", out).succeeds();
    assertThat(RecordTexts.in(out)).isEmpty();
    assertThat(out).isNotEmptyFile();
  }

  @ParameterizedTest
  @ValueSource(ints = {(1 << 20) - 1, 1 << 20, (1 << 20) + 1, 5_000_000})
  void takesLinesLongerThanTheBuffer(int length) throws IOException {
    String line = "x".repeat(length);
    CliRun.with("a\n" + line + "\nb\n" + line, "write", out).succeeds();
    assertThat(RecordTexts.in(out)).containsExactly("a", line, "b", line);
  }

  @Test
  void takesInputInSmallPieces() throws IOException {
    InputStream trickle =
        new InputStream() {
          private int given;

          @Override
          public int read() {
            return given == 10 ? -1 : "ab\n\ncd\nefg".charAt(given++);
          }

          @Override
          public int read(byte[] bytes, int offset, int length) {
            int value = read();
            if (value < 0) {
              return -1;
            }
            bytes[offset] = (byte) value;
            return 1;
          }
        };
    CliRun.with(trickle, "write", out).succeeds();
    assertThat(RecordTexts.in(out)).containsExactly("ab", "", "cd", "efg");
  }

  // Length-prefixed

  @Test
  void takesLengthPrefixedRecords() throws IOException {
    Path file = input("file", "\2\0\0\0ab\0\0\0\0\1\0\0\0\n");
    CliRun.with("\1\0\0\0c", "write", "--length-prefixed", out, file, "-").succeeds();
    assertThat(RecordTexts.in(out)).containsExactly("ab", "", "\n", "c");
  }

  @Test
  void tellsWhereALengthIsTorn() throws IOException {
    Path file = input("file", "\2\0\0\0ab\1\0\0");
    CliRun.of("write", "--length-prefixed", out, file)
        .fails(file + ": byte 6: a length of 4 bytes is incomplete: bytes of it: 3");
    assertThat(out).doesNotExist();
  }

  @Test
  void tellsWhereARecordIsTorn() {
    CliRun.with("\2\0\0\0ab\u00ff\u00ff\u00ff\u00ffc", "write", "--length-prefixed", out)
        .fails("standard input: byte 6", "4294967295 bytes", "bytes after its length: 1");
    assertThat(out).doesNotExist();
  }

  // Files

  @Test
  void takesFilesInTheOrderOfNames() throws IOException {
    input("tree/b", "in b");
    input("tree/a.txt", "in a.txt");
    input("tree/a/z", "in a/z");
    input("tree/a/~", "in a/tilde");
    input("tree/a/B", "in a/B");
    input("tree/empty", "");
    Path single = input("single", "a\nb\n");
    CliRun.with("piped", "write", "--files", out, single, directory.resolve("tree"), "-")
        .succeeds();
    assertThat(RecordTexts.in(out))
        .containsExactly(
            "a\nb\n", "in a/B", "in a/z", "in a/tilde", "in a.txt", "in b", "", "piped");
  }

  @Test
  void followsSymbolicLinksOnlyWhereTheyAreNamed() throws IOException {
    Path file = input("elsewhere", "linked");
    Path tree = Files.createDirectory(directory.resolve("tree"));
    Path link = Files.createSymbolicLink(tree.resolve("link"), file);
    Files.createSymbolicLink(tree.resolve("loop"), tree);
    CliRun.of("write", "--files", out, tree).succeeds();
    assertThat(RecordTexts.in(out)).isEmpty();
    CliRun.of("write", "--files", "--append", out, link).succeeds();
    assertThat(RecordTexts.in(out)).containsExactly("linked");
  }

  @Test
  void leavesOutTheFileThatItWrites() throws IOException {
    input("a", "in a");
    input("z", "in z");
    CliRun.of("write", "--files", out, directory).succeeds();
    assertThat(RecordTexts.in(out)).containsExactly("in a", "in z");
  }

  @Test
  void needsFilesToTake() {
    CliRun.of("write", "--files", out).isRefused("--files needs at least one FILE");
    assertThat(out).doesNotExist();
  }

  // Classes of the JDK

  @Test
  void takesTheClassesOfTheJdk() throws IOException {
    CliRun.of("write", "--jdk-classes", "--compression=none", "--chunk-size=8M", out).succeeds();
    long classes;
    try (Stream<Path> files =
        Files.walk(FileSystems.getFileSystem(URI.create("jrt:/")).getPath("/modules"))) {
      classes = files.filter(file -> file.toString().endsWith(".class")).count();
    }
    assertThat(CliRun.of("count", out).succeeds().text()).isEqualTo(classes + "\n");
    assertThat(CliRun.of("cat", "--format=hex", "--limit=1", out).text()).startsWith("cafebabe");
  }

  @Test
  void takesNoFilesWithTheClassesOfTheJdk() throws IOException {
    CliRun.of("write", "--jdk-classes", out, input("file", "")).isRefused("--jdk-classes");
  }

  // Options of the writer

  @Test
  void compressesAsAsked() throws IOException {
    String input = "a line that is well compressible\n".repeat(1000);
    for (String compression : List.of("none", "zstd", "zstd:-7", "zstd:19")) {
      CliRun.with(input, "write", "--force", "--compression", compression, out).succeeds();
      assertThat(OracleReader.read(out).chunks().get(1).compression())
          .isEqualTo(compression.equals("none") ? 0 : 'z');
      assertThat(RecordTexts.in(out)).hasSize(1000);
    }
  }

  @Test
  void compressesForRiegeliAsAsked() throws IOException {
    String input = "a line that is well compressible\n".repeat(1000);
    for (String compression : List.of("brotli", "brotli:0", "snappy")) {
      CliRun.with(input, "write", "--force", "--dialect=riegeli", "--compression", compression, out)
          .succeeds();
      assertThat(CliRun.of("describe", out).succeeds().text())
          .contains("compression    " + compression.replaceAll(":.*", ""));
      assertThat(CliRun.of("cat", out).succeeds().text()).isEqualTo(input);
    }
  }

  @Test
  void refusesCodecsThatTheDialectHasNot() {
    for (String compression : List.of("brotli", "snappy")) {
      CliRun.with("a\n", "write", "--compression", compression, out)
          .isRefused(compression, "not readable by upstream", "--dialect=riegeli");
      CliRun.with("a\n", "write", "--compression", compression, "-")
          .isRefused(compression, "not readable by upstream", "--dialect=riegeli");
    }
    assertThat(out).doesNotExist();
  }

  @Test
  void writesTheDialectAskedFor() throws IOException {
    CliRun.with("a\n", "write", "--dialect=riegeli", out).succeeds();
    assertThat(OracleReader.read(out).chunks().get(1).dialect()).contains(ZstdDialect.RIEGELI);
    CliRun.with("a\n", "write", "--force", "--dialect=disky", out).succeeds();
    assertThat(OracleReader.read(out).chunks().get(1).dialect()).contains(ZstdDialect.DISKY);
    CliRun.with("a\n", "write", "--force", out).succeeds();
    assertThat(OracleReader.read(out).chunks().get(1).dialect()).contains(ZstdDialect.DISKY);
  }

  @Test
  void endsChunksAtTheSizeAskedFor() throws IOException {
    CliRun.with("ab\n".repeat(1000), "write", "--chunk-size=1K", out).succeeds();
    List<OracleReader.Chunk> chunks = OracleReader.read(out).chunks();
    assertThat(chunks.get(1).records()).isEqualTo(102);
    assertThat(chunks).hasSize(11);
  }

  @Test
  void refusesOptionsThatMakeNoSense() {
    CliRun.of("write", "--compression=lz4", out).isRefused("--compression", "lz4", "zstd");
    CliRun.of("write", "--compression=zstd:23", out).isRefused("zstd level 23");
    CliRun.of("write", "--container=array_record", "--dialect=disky", out)
        .isRefused("--container=array_record", "--dialect=disky");
    CliRun.of("write", "--group-size=2", out).isRefused("--group-size");
    CliRun.of("write", "--padding=0", out).isRefused("padding 0");
    CliRun.of("write", "--compression=brotli:12", out).isRefused("brotli quality 12");
    CliRun.of("write", "--dialect=greek", out).isRefused("--dialect", "disky, riegeli");
    CliRun.of("write", "--chunk-size=0", out).isRefused("chunk size 0");
    CliRun.of("write", "--chunk-size=2GiB", out).isRefused("chunk size 2147483648");
    CliRun.of("write", "--chunk-size=1MB", out).isRefused("1MB", "MiB");
    CliRun.of("write", "--lines", "--files", out).isRefused("mutually exclusive");
    CliRun.of("write", "--append", "--force", out).isRefused("mutually exclusive");
    CliRun.of("write", "--lines=false", out).isRefused("an option must define a record");
    CliRun.of("write").isRefused("OUT");
    assertThat(out).doesNotExist();
  }

  // The output

  @Test
  void leavesAnExistingFileAlone() throws IOException {
    RecordTexts.write(out, "old");
    CliRun.with("new\n", "write", out)
        .fails(out + ": exists already", "--force overwrites it", "--append continues it");
    assertThat(RecordTexts.in(out)).containsExactly("old");
  }

  @Test
  void overwrites() throws IOException {
    RecordTexts.write(out, "old");
    CliRun.with("new\n", "write", "--force", out).succeeds();
    assertThat(RecordTexts.in(out)).containsExactly("new");
  }

  @Test
  void appends() throws IOException {
    CliRun.with("a\n", "write", "--append", out).succeeds();
    CliRun.with("b\n", "write", "--append", "--compression=none", out).succeeds();
    assertThat(RecordTexts.in(out)).containsExactly("a", "b");
  }

  @Test
  void doesNotAppendToATornFile() throws IOException {
    RecordTexts.write(out, "a line", "another");
    byte[] torn = FileDamage.truncate(Files.readAllBytes(out), Files.size(out) - 1);
    Files.write(out, torn);
    CliRun.with("b\n", "write", "--append", out).fails(out + ": byte 64");
    assertThat(out).hasBinaryContent(torn);
  }

  @Test
  void writesToStandardOutput() {
    CliRun run = CliRun.with("a\nb\n", "write", "-").succeeds();
    assertThat(RecordTexts.in(run.output())).containsExactly("a", "b");
    CliRun.of("write", "--append", "-").isRefused("--append");
  }

  @Test
  void removesWhatItCouldNotComplete() {
    CliRun.with("\2\0\0\0ab\1", "write", "--force", "--length-prefixed", out)
        .fails("byte 6", "\ndisky: " + out + ": removed, because it is incomplete\n");
    assertThat(out).doesNotExist();
  }

  /** A limit on the size of files simulates a full disk. */
  @Test
  @DisabledOnOs(OS.WINDOWS)
  void removesWhatItCouldNotEvenBegin() throws Exception {
    RecordTexts.write(out, "old");
    String output =
        CliProcess.script(
            directory,
            "ulimit -f 0",
            "for mode in --append --force --atomic '--shards 2 --append'; do",
            "  echo a | disky write $mode new -; echo $?; ls",
            "done",
            "echo a | disky write --force " + out.getFileName() + " -; echo $?; ls");
    String name = out.getFileName().toString();
    assertThat(output).contains("disky: new: byte 0: ", "; removed, because it is incomplete\n");
    assertThat(output.lines().filter(line -> line.matches("1|new.*|out.*")))
        .containsExactly("1", name, "1", name, "1", name, "1", name, "1");
  }

  @Test
  void removesTheFileThatALinkLeadsTo() throws IOException {
    Path target = directory.resolve("target");
    RecordTexts.write(target, "old");
    Files.createSymbolicLink(out, target);
    CliRun.with("\2\0\0\0ab\1", "write", "--force", "--length-prefixed", out)
        .fails("byte 6", out + ": removed");
    assertThat(target).doesNotExist();
    assertThat(Files.isSymbolicLink(out)).isTrue();
  }

  @Test
  void removesWhatItBeganToAppendTo() throws IOException {
    CliRun.with("\2\0\0\0ab\1", "write", "--append", "--length-prefixed", out)
        .fails("byte 6", out + ": removed");
    assertThat(out).doesNotExist();
  }

  @Test
  void saysThatNothingWasCreatedAtomically() throws IOException {
    RecordTexts.write(out, "old");
    CliRun.with("\1", "write", "--force", "--atomic", "--length-prefixed", out)
        .fails("byte 0", out + ": not written, because it is incomplete");
    assertThat(RecordTexts.in(out)).containsExactly("old");
  }

  @Test
  void leavesOutTheFileThatItCreatesAtomically() throws IOException {
    Path in = Files.createDirectory(directory.resolve("in"));
    RecordTexts.file(in.resolve("a"), "a");
    for (int i = 0; i < 2; i++) {
      CliRun.of("write", "--files", "--atomic", "--force", in.resolve("out"), in).succeeds();
      assertThat(RecordTexts.in(in.resolve("out"))).containsExactly("a");
    }
  }

  @Test
  void keepsWhatItAppendedBeforeAFailure() throws IOException {
    RecordTexts.write(out, "old");
    CliRun.with("\2\0\0\0ab\1", "write", "--append", "--length-prefixed", out)
        .fails("byte 6", out + ": keeps its earlier records, and 1 record appended to it\n");
    assertThat(RecordTexts.in(out)).containsExactly("old", "ab");
  }

  @Test
  void looksForItsInputBeforeItTouchesTheOutput() throws IOException {
    RecordTexts.write(out, "old");
    Path missing = directory.resolve("missing");
    CliRun.of("write", "--force", out, missing).fails(missing + ": no such file or directory");
    assertThat(RecordTexts.in(out)).containsExactly("old");
  }

  /** For example a record larger than an array can be. */
  @Test
  void aRecordFromStandardInputNeedsNoArray() throws IOException {
    byte[] content = new byte[(1 << 24) + 12_345];
    for (int i = 0; i < content.length; i++) {
      content[i] = (byte) ((i * 31) >> 7);
    }
    InputStream large =
        new ByteArrayInputStream(content) {
          @Override
          public synchronized byte[] readAllBytes() {
            throw new OutOfMemoryError("Required array size too large");
          }
        };
    CliRun.with(large, "write", "--files", out, "-").succeeds();
    try (RecordReader reader = RecordReader.open(out)) {
      assertThat(reader.next().mismatch(MemorySegment.ofArray(content))).isEqualTo(-1);
    }
  }

  @Test
  void temporaryFilesAreNotNamed() {
    CliRun run = CliRun.with("a\n", "write", "--compression", "snappy", "-");
    run.isRefused("the temporary file for standard output", "--dialect=riegeli");
    assertThat(run.messages()).doesNotContain(".tmp");
  }

  @Test
  void whatIsNoDataIsNoRecord() throws IOException {
    Path tree = Files.createDirectory(directory.resolve("tree"));
    Path data = RecordTexts.write(tree.resolve("data"), "a");
    CliRun.of("index", data).succeeds();
    Path temporary = tree.resolve(".data.0123456789abcdef.tmp");
    Files.copy(data, temporary);
    CliRun run = CliRun.of("write", "--files", out, tree);
    assertThat(run.status()).isZero();
    assertThat(run.messages())
        .contains(temporary + ": left out: it is an unfinished temporary file")
        .contains(tree.resolve("data.index") + ": left out: it is a saved index")
        .hasLineCount(2);
    assertThat(CliRun.of("count", out).succeeds().text()).isEqualTo("1\n");
  }

  /** The name of the temporary file contains the name of OUT, or its beginning. */
  @ParameterizedTest
  @ValueSource(ints = {1, 42, 43, 120, 255})
  void itsOwnTemporaryFileIsLeftOutInSilence(int length) throws IOException {
    Path tree = Files.createDirectory(directory.resolve("tree"));
    RecordTexts.file(tree.resolve("a"), "data");
    Path inside = RecordTexts.write(tree.resolve("o".repeat(length)), "old");
    CliRun.of("write", "--force", "--atomic", "--files", inside, tree).succeeds();
    assertThat(RecordTexts.in(inside)).containsExactly("data");
  }

  @Test
  void tornFilesNameTheRemedies() throws IOException {
    RecordTexts.write(out, "old");
    Files.write(out, new byte[30], StandardOpenOption.APPEND);
    CliRun.with("a\n", "write", "--append", out)
        .fails(out.toString(), "withRepair(true)", "'disky repair'");
    CliRun.of("cat", out).fails(out.toString(), "'disky repair'");
  }

  @Test
  void refusesToReadWhatItWrites() throws IOException {
    RecordTexts.write(out, "old");
    CliRun.of("write", "--force", out, out).isRefused("both OUT and a FILE");
    CliRun.of("write", "--append", out, directory.resolve(".").resolve(out.getFileName()))
        .isRefused("both OUT and a FILE");
    assertThat(RecordTexts.in(out)).containsExactly("old");
  }

  @Test
  void reportsPlacesThatCannotBeWritten() {
    CliRun.of("write", directory.resolve("missing").resolve("out")).fails("missing");
    CliRun.of("write", "--force", directory).fails(directory.toString());
    assertThat(directory).isDirectory();
  }

  @Test
  void reportsInputThatCannotBeRead() throws IOException {
    CliRun.of("write", out, directory).fails(directory.toString(), "irectory");
    Path secret = input("secret", "a\n");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("---------"));
    assumeTrue(!Files.isReadable(secret), "the superuser reads all");
    CliRun.of("write", out, secret).fails(secret + ": permission denied");
    assertThat(out).doesNotExist();
  }
}
