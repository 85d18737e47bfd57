package io.disky.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import io.disky.Compression;
import io.disky.OpenMode;
import io.disky.RecordReader;
import io.disky.RecordWriter;
import io.disky.WriterOptions;
import io.disky.damage.FileDamage;
import io.disky.formats.FormatFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files with names: {@code disky write --files --with-names} and {@code disky extract}. */
class ExtractCommandTest {
  private static final long SEED = 4_715;

  @TempDir Path directory;

  private Path tree;
  private Path stored;
  private Path out;

  @BeforeEach
  void makeTree() throws IOException {
    tree = directory.resolve("tree");
    stored = directory.resolve("stored.riegeli");
    out = directory.resolve("out");
    RecordTexts.file(tree.resolve("a.txt"), "first");
    RecordTexts.file(tree.resolve("b/empty"), "");
    RecordTexts.file(tree.resolve("b/c/Käse (1).bin"), "\0\1\377");
    byte[] large = new byte[3_000_000];
    new Random(SEED).nextBytes(large);
    Files.write(tree.resolve("b/large"), large);
  }

  private static List<String> files(Path root) throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      return all.filter(Files::isRegularFile)
          .map(root::relativize)
          .map(Path::toString)
          .sorted()
          .toList();
    }
  }

  private void hasTheTree(Path root) throws IOException {
    assertThat(files(root)).isEqualTo(files(tree));
    for (String file : files(tree)) {
      assertThat(root.resolve(file)).hasSameBinaryContentAs(tree.resolve(file));
    }
  }

  /** The path that a record has: that of the argument, without its root. */
  private Path written() {
    return out.resolve(tree.getRoot().relativize(tree));
  }

  @Test
  void writesTheFilesAgain() throws IOException {
    CliRun.of("write", "--files", "--with-names", stored, tree).succeeds();
    CliRun.of("extract", stored, out).succeeds();
    hasTheTree(written());
    CliRun.of("convert", "--no-metadata", stored, directory.resolve("plain.disky")).succeeds();
    CliRun.of("extract", "--force", directory.resolve("plain.disky"), out).succeeds();
    hasTheTree(written());
    assertThat(
            CliRun.with(Files.readAllBytes(stored), "extract", "-", directory.resolve("two"))
                .succeeds()
                .status())
        .isZero();
    CliRun.of("write", "--files", "--with-names", "--shards=2", directory.resolve("set"), tree)
        .succeeds();
    CliRun.of("extract", directory.resolve("set"), directory.resolve("three")).succeeds();
    hasTheTree(directory.resolve("three").resolve(tree.getRoot().relativize(tree)));
  }

  @Test
  void theMetadataDescribeTheRecords() throws IOException {
    CliRun.of("write", "--files", "--with-names", "--file-comment=tree", stored, tree).succeeds();
    try (RecordReader reader = RecordReader.open(stored)) {
      assertThat(reader.metadata().orElseThrow().recordTypeName()).contains("disky.NamedFile");
      assertThat(reader.metadata().orElseThrow().fileComment()).contains("tree");
    }
    assertThat(CliRun.of("describe", stored).succeeds().text())
        .contains("fields         1 path: string\n               2 contents: bytes\n");
    String line = CliRun.of("head", "-n1", "--format=json", stored).succeeds().text();
    assertThat(JsonParser.parseString(line).getAsJsonObject().get("path").getAsString())
        .endsWith("tree/a.txt");
    assertThat(CliRun.of("extract", "--list", stored, out).succeeds().text())
        .contains("5  ", "tree/a.txt\n", "3000000  ", "tree/b/large\n")
        .hasLineCount(4);
    assertThat(out).doesNotExist();
  }

  @Test
  void namesAreThoseOfTheArguments() throws IOException {
    Path above = tree.resolve("b/../..").resolve("tree/./a.txt");
    CliRun.of("write", "--files", "--with-names", stored, above).succeeds();
    CliRun.of("extract", stored, out).succeeds();
    assertThat(files(written())).containsExactly("a.txt");
    Path relative = Path.of("").toAbsolutePath().relativize(tree.resolve("a.txt"));
    assertThat(relative.toString()).startsWith("..");
    CliRun.of("write", "--force", "--files", "--with-names", stored, relative).succeeds();
    assertThat(CliRun.of("extract", "--list", stored, out).succeeds().text())
        .endsWith("/tree/a.txt\n")
        .doesNotContain("..");
  }

  @Test
  void attributesAreOptional() throws IOException {
    Path file = tree.resolve("a.txt");
    FileTime time = FileTime.from(Instant.parse("2001-02-03T04:05:06.789Z"));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r-x-w---x"));
    Files.setLastModifiedTime(file, time);
    // The user root may read the file in any case; another user needs the permission.
    CliRun.of("write", "--files", "--with-attributes", stored, file).succeeds();
    assertThat(CliRun.of("cat", "--format=json", stored).succeeds().text())
        .contains("\"mode\":337,\"modifiedNanos\":\"981173106789000000\"");
    CliRun.of("extract", "--preserve", stored, out).succeeds();
    Path copy = written().resolve("a.txt");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(copy)))
        .isEqualTo("r-x-w---x");
    assertThat(Files.getLastModifiedTime(copy)).isEqualTo(time);
    Path second = directory.resolve("second");
    CliRun.of("extract", stored, second).succeeds();
    Path plain = second.resolve(tree.getRoot().relativize(tree)).resolve("a.txt");
    assertThat(Files.getLastModifiedTime(plain)).isNotEqualTo(time);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(plain)))
        .startsWith("rw");
  }

  // Paths that are not trusted

  private static byte[] record(String path, String contents, byte... more) {
    ByteArrayOutputStream record = new ByteArrayOutputStream();
    record.writeBytes(NamedFile.before(path, contents.length()));
    record.writeBytes(contents.getBytes(UTF_8));
    record.writeBytes(more);
    return record.toByteArray();
  }

  private Path write(byte[]... records) throws IOException {
    try (RecordWriter writer =
        RecordWriter.open(stored, WriterOptions.defaults().withOpenMode(OpenMode.OVERWRITE))) {
      for (byte[] record : records) {
        writer.write(record);
      }
    }
    return stored;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/x",
        "/",
        "//x",
        "..",
        "../x",
        "a/../../x",
        "a/..",
        "a/../x",
        ".",
        "./x",
        "a//b",
        "a/",
        "\\x",
        "..\\x",
        "a\\..\\..\\x",
        "\\\\server\\share\\x",
        "C:x",
        "c:\\x",
        "C:/x",
        ".. /x",
        ".../x",
        "a/. ./x",
        "x\0y",
        "a\\",
        " "
      })
  void noPathLeavesTheDirectory(String path) throws IOException {
    Path file = write(record("good", "1"), record(path, "bad"));
    CliRun run = CliRun.of("extract", file, out.resolve("inner"));
    run.fails(file + ": record 64/1: the path ");
    assertThat(files(directory)).contains("out/inner/good");
    assertThat(files(out)).containsExactly("inner/good");
  }

  @Test
  void noPathLeadsThroughASymbolicLink() throws IOException {
    Path outside = Files.createDirectory(directory.resolve("outside"));
    Files.createDirectory(out);
    Files.createSymbolicLink(out.resolve("link"), outside);
    Path secret = RecordTexts.file(outside.resolve("secret"), "secret");
    Files.createSymbolicLink(out.resolve("file"), secret);
    for (String option : List.of("--force", "--threads=0")) {
      CliRun.of("extract", option, write(record("link/x", "bad")), out)
          .fails("leads through a symbolic link");
      CliRun.of("extract", option, write(record("link/secret", "bad")), out)
          .fails("leads through a symbolic link");
    }
    CliRun.of("extract", write(record("file", "bad")), out).fails("exists already");
    CliRun.of("extract", write(record("link", "bad")), out).fails("exists already");
    assertThat(secret).hasContent("secret");
    CliRun.of("extract", "--force", write(record("file", "good")), out).succeeds();
    assertThat(secret).hasContent("secret");
    assertThat(out.resolve("file")).hasContent("good").isRegularFile();
    assertThat(Files.isSymbolicLink(out.resolve("file"))).isFalse();
    assertThat(files(outside)).containsExactly("secret");
  }

  /** The directory itself may be a link, because the user has named it. */
  @Test
  void theDirectoryMayBeALink() throws IOException {
    Path real = Files.createDirectory(directory.resolve("real"));
    Files.createSymbolicLink(out, real);
    CliRun.of("extract", write(record("a/b", "1")), out).succeeds();
    assertThat(files(real)).containsExactly("a/b");
  }

  @Test
  void existingFilesAreKeptUnlessForced() throws IOException {
    CliRun.of("extract", write(record("a", "1")), out).succeeds();
    CliRun.of("extract", write(record("a", "2")), out).fails("a: exists already; --force");
    assertThat(out.resolve("a")).hasContent("1");
    CliRun.of("extract", "--force", write(record("a", "2")), out).succeeds();
    assertThat(out.resolve("a")).hasContent("2");
    CliRun.of("extract", "--force", write(record("a/b", "2")), out).fails("or a file");
    CliRun.of("extract", write(record("d/e", "1"), record("d", "2")), out).fails("exists already");
    CliRun.of("extract", "--force", write(record("d", "2")), out).fails("exists already");
    CliRun.of("extract", write(record("n", "1"), record("n", "2")), out).fails("exists already");
    assertThat(files(out)).containsExactly("a", "d/e", "n");
  }

  @Test
  void setUserIdIsNeverSet() throws IOException {
    byte[] mode = NamedFile.after(07777, null);
    CliRun.of("extract", "--preserve", write(record("a", "1", mode)), out).succeeds();
    assertThat((int) Files.getAttribute(out.resolve("a"), "unix:mode") & 07777).isEqualTo(0777);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "0a", "0a05", "12026162", "0a0161ff", "0b0c", "0a01ff", "08", "0a0161120561"})
  void recordsOfOtherKindsAreErrors(String hex) throws IOException {
    Path file = write(HexFormat.of().parseHex(hex));
    CliRun.of("extract", file, out).fails("record 64/0: the record is not a file with its name");
  }

  @Test
  void otherTypesAreRefused() {
    CliRun.of("extract", FormatFiles.path("animals.riegeli"), out)
        .fails("the records are of the type zoo.Animal, not files with names");
  }

  @Test
  void damageIsAnErrorUnlessItRecovers() throws IOException {
    List<byte[]> records = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      records.add(record("file" + i, "x".repeat(100_000)));
    }
    Path file = directory.resolve("damaged");
    WriterOptions options =
        WriterOptions.defaults().withChunkSize(1).withCompression(Compression.none());
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      for (byte[] record : records) {
        writer.write(record);
      }
    }
    Files.write(file, FileDamage.flip(Files.readAllBytes(file), 250_000));
    CliRun.of("extract", file, out).fails(file + ": byte ");
    assertThat(files(out)).containsExactly("file0", "file1");
    CliRun run = CliRun.of("extract", "--force", "--recover", file, out);
    assertThat(run.status()).isZero();
    assertThat(run.messages()).contains("skipped").hasLineCount(1);
    assertThat(files(out)).containsExactly("file0", "file1", "file3", "file4");
  }

  @Test
  void refusesWhatDoesNotGoTogether() {
    CliRun.of("write", "--with-names", stored, tree).isRefused("need --files");
    CliRun.of("write", "--files", "--with-names", stored, "-").isRefused("has no name");
    CliRun.of("write", "--files", "--with-names", "--dialect=disky", stored, tree)
        .isRefused("--dialect=disky");
    CliRun.of("extract", stored).isRefused("DIRECTORY");
  }
}
