package io.disky.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.disky.RecordReader;
import io.disky.damage.FileDamage;
import io.disky.oracle.GoldenManifest;
import io.disky.oracle.OracleReader;
import io.disky.oracle.RecordDigest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code disky recover} and the option {@code --recover} of other commands. */
class RecoverCommandTest {
  @TempDir Path directory;
  private Path in;
  private Path out;

  /** Positions of the chunks in the file of {@link #fourLines}. */
  private List<Long> begins;

  @BeforeEach
  void setUp() {
    in = directory.resolve("in");
    out = directory.resolve("out");
  }

  /** A file with a chunk for each of the lines one to four. */
  private byte[] fourLines(Object... options) throws IOException {
    Path file = directory.resolve("intact");
    Object[] args = new Object[options.length + 5];
    System.arraycopy(options, 0, args, 5, options.length);
    List<Object> first = List.of("write", "--force", "--chunk-size=1", "--compression=none", file);
    System.arraycopy(first.toArray(), 0, args, 0, 5);
    CliRun.with("one\ntwo\nthree\nfour\n", args).succeeds();
    begins = OracleReader.read(file).chunks().stream().map(OracleReader.Chunk::begin).toList();
    return Files.readAllBytes(file);
  }

  /** Damages the data of the chunk with this index. The file signature has index 0. */
  private byte[] damaged(byte[] content, int chunk) {
    return FileDamage.flip(content, begins.get(chunk) + 44);
  }

  private String skippedLine(String name, int chunk) {
    long begin = begins.get(chunk);
    long end = begins.get(chunk + 1);
    return "disky: %s: skipped %d bytes from %d to %d: byte %d: "
        .formatted(name, end - begin, begin, end, begin);
  }

  @Test
  void writesWhatIsIntactAndTellsTheRest() throws IOException {
    byte[] content = damaged(fourLines(), 2);
    Files.write(in, content);

    CliRun run = CliRun.of("recover", in, out);

    assertThat(run.status()).isZero();
    assertThat(run.output()).isEmpty();
    List<String> lines = run.messages().lines().toList();
    assertThat(lines.size()).isEqualTo(2);
    assertThat(lines.get(0)).startsWith(skippedLine(in.toString(), 2)).contains("hash");
    assertThat(lines.get(1))
        .isEqualTo(
            "disky: %s: %d bytes in 1 parts were skipped"
                .formatted(in, begins.get(3) - begins.get(2)));
    assertThat(RecordTexts.in(out)).containsExactly("one", "three", "four");
    assertThat(CliRun.of("verify", out).succeeds().text()).isEqualTo(out + ": intact\n");
    assertThat(Files.readAllBytes(in)).isEqualTo(content);
  }

  @Test
  void anIntactFileIsCopied() throws IOException {
    Files.write(in, fourLines());
    CliRun run = CliRun.of("recover", in, out);
    assertThat(run.status()).isZero();
    assertThat(run.messages()).isEqualTo("disky: " + in + ": 0 bytes in 0 parts were skipped\n");
    assertThat(RecordTexts.in(out)).containsExactly("one", "two", "three", "four");
  }

  @Test
  void damageAtTheEndIsToldToo() throws IOException {
    byte[] content = fourLines();
    Files.write(in, FileDamage.concatenate(content, new byte[5000]));
    CliRun run = CliRun.of("recover", in, out);
    assertThat(run.status()).isZero();
    assertThat(run.messages())
        .contains(
            String.format(
                Locale.ROOT,
                "skipped 5,000 bytes from %d to %d: ",
                content.length,
                content.length + 5000))
        .endsWith(": 5,000 bytes in 1 parts were skipped\n");
    assertThat(RecordTexts.in(out)).containsExactly("one", "two", "three", "four");
  }

  @Test
  void whatASearchFindsIsToldAndCanBeLeftOut() throws IOException {
    Files.write(in, FileDamage.flip(fourLines(), begins().get(2)));
    CliRun run = CliRun.of("recover", in, out);
    assertThat(run.messages()).contains(" (found by a search): ");
    assertThat(RecordTexts.in(out)).containsExactly("one", "three", "four");

    run = CliRun.of("recover", "--no-scan", "--force", in, out);
    assertThat(run.messages()).doesNotContain("search");
    assertThat(run.status()).isZero();
    assertThat(RecordTexts.in(out)).containsExactly("one");
  }

  private List<Long> begins() throws IOException {
    fourLines();
    return begins;
  }

  @Test
  void writesAsTheOptionsSay() throws IOException {
    Path lines = GoldenManifest.entry("disky/lines.zstd.disky").location();
    Files.write(in, FileDamage.flip(Files.readAllBytes(lines), 65_540));
    for (String option : new String[] {"--dialect=riegeli", "--container=array_record"}) {
      CliRun run = CliRun.of("recover", "--force", option, in, out);
      assertThat(run.status()).isZero();
      assertThat(run.messages()).contains("skipped 24 bytes from 65536 to 65560");
      assertThat(CliRun.of("count", out).succeeds().text()).startsWith("6000");
      assertThat(CliRun.of("describe", out).succeeds().text())
          .contains(option.contains("array") ? "array_record" : "riegeli");
    }
  }

  @Test
  void keepsMetadataWhereOutHasThemUnlessTheyAreDamaged() throws IOException {
    byte[] content = fourLines("--dialect=riegeli", "--file-comment=four lines");
    assertThat(OracleReader.parse(content).chunks().get(1).type()).isEqualTo('m');
    long last = begins.getLast();
    Files.write(in, FileDamage.flip(content, last + 44));

    assertThat(CliRun.of("recover", "--dialect=riegeli", in, out).status()).isZero();
    assertThat(comment()).isEqualTo("four lines");
    assertThat(RecordTexts.in(out)).containsExactly("one", "two", "three");

    CliRun other = CliRun.of("recover", "--force", "--dialect=disky", in, out);
    assertThat(other.status()).isZero();
    assertThat(other.messages()).contains("its file metadata are left out");
    assertThat(comment()).isEmpty();

    assertThat(CliRun.of("recover", "--force", "--no-metadata", in, out).status()).isZero();
    assertThat(comment()).isEmpty();

    assertThat(CliRun.of("recover", "--force", in, out).status()).isZero();
    assertThat(comment()).isEqualTo("four lines");

    assertThat(
            CliRun.of("recover", "--force", "--dialect=riegeli", "--file-comment=new", in, out)
                .status())
        .isZero();
    assertThat(comment()).isEqualTo("new");

    Files.write(in, damaged(content, 1));
    CliRun run = CliRun.of("recover", "--force", "--dialect=riegeli", in, out);
    assertThat(run.status()).isZero();
    assertThat(run.messages()).startsWith(skippedLine(in.toString(), 1));
    assertThat(comment()).isEmpty();
    assertThat(RecordTexts.in(out)).containsExactly("one", "two", "three", "four");
  }

  private String comment() throws IOException {
    try (RecordReader reader = RecordReader.open(out)) {
      return reader.metadata().flatMap(metadata -> metadata.fileComment()).orElse("");
    }
  }

  @Test
  void overwritesOnlyIfToldTo() throws IOException {
    Files.write(in, damaged(fourLines(), 2));
    Files.writeString(out, "precious");
    CliRun run = CliRun.of("recover", in, out);
    run.fails(out + ": exists already; --force overwrites it");
    assertThat(out).hasContent("precious");
    assertThat(CliRun.of("recover", "--force", in, out).status()).isZero();
    assertThat(RecordTexts.in(out)).containsExactly("one", "three", "four");
  }

  @Test
  void refusesToWriteOverIn() throws IOException {
    byte[] content = damaged(fourLines(), 2);
    Files.write(in, content);
    CliRun.of("recover", in, in).isRefused("both IN and OUT");
    CliRun.of("recover", "--force", in, in).isRefused("both IN and OUT");
    Path link = Files.createSymbolicLink(directory.resolve("link"), in);
    CliRun.of("recover", "--force", in, link).isRefused("both IN and OUT");
    assertThat(Files.readAllBytes(in)).isEqualTo(content);
  }

  @Test
  void aFileOfAnotherKindGivesNoRecords() throws IOException {
    Files.write(in, "this is no record file".getBytes(UTF_8));
    CliRun run = CliRun.of("recover", in, out);
    assertThat(run.status()).isZero();
    assertThat(run.messages())
        .contains("skipped 22 bytes from 0 to 22: ")
        .endsWith(": 22 bytes in 1 parts were skipped\n");
    assertThat(RecordTexts.in(out)).isEmpty();
  }

  @Test
  void whatCannotBeReadLeavesNoOut() {
    CliRun.of("recover", in, out).fails(in.toString(), "cannot open");
    assertThat(out).doesNotExist();
    CliRun.of("recover", directory, out).fails(directory.toString(), "directory");
    assertThat(out).doesNotExist();
    CliRun.of("recover", in).isRefused("OUT");
  }

  @Test
  void readsAndWritesStandardStreams() throws IOException {
    CliRun run = CliRun.with(damaged(fourLines(), 3), "recover", "-", "-");
    assertThat(run.status()).isZero();
    assertThat(run.messages()).startsWith(skippedLine("standard input", 3));
    assertThat(RecordTexts.in(run.output())).containsExactly("one", "two", "four");
  }

  @Test
  void catGoesOnBehindDamageIfToldTo() throws IOException {
    Files.write(in, damaged(fourLines(), 2));
    CliRun run = CliRun.of("cat", "--recover", in, in);
    assertThat(run.status()).isZero();
    assertThat(run.text()).isEqualTo("one\nthree\nfour\none\nthree\nfour\n");
    assertThat(run.messages().lines().toList())
        .hasSize(2)
        .allMatch(line -> line.startsWith(skippedLine(in.toString(), 2)));
    assertThat(CliRun.of("cat", "--recover", "--skip=1", "--limit=1", in).text())
        .isEqualTo("three\n");
    CliRun.of("cat", "--no-scan", in).fails("byte " + begins.get(2));
  }

  @Test
  void digestGoesOnBehindDamageIfToldTo() throws IOException {
    byte[] content = fourLines();
    Files.write(in, FileDamage.flip(content, begins.get(3)));
    CliRun.of("digest", in).fails("byte " + begins.get(3));

    CliRun run = CliRun.of("digest", "--recover", in);
    assertThat(run.status()).isZero();
    assertThat(run.text()).isEqualTo(digest("one", "two", "four"));
    assertThat(run.messages()).contains("(found by a search)");

    run = CliRun.of("digest", "--recover", "--no-scan", in);
    assertThat(run.status()).isZero();
    assertThat(run.text()).isEqualTo(digest("one", "two"));
    assertThat(run.messages())
        .startsWith(
            "disky: %s: skipped %d bytes from %d to %d: "
                .formatted(
                    in, content.length - begins.get(3), begins.get(3), (long) content.length));
  }

  @Test
  void digestOfShardsGoesOnBehindDamageToo() throws IOException {
    Path shards = Files.createDirectory(in);
    Path first = Files.write(shards.resolve("shard-0"), fourLines());
    Path second = Files.write(shards.resolve("shard-1"), damaged(fourLines(), 1));
    CliRun.of("digest", shards).fails(second + ": byte " + begins.get(1));

    CliRun run = CliRun.of("digest", "--recover", shards);
    assertThat(run.status()).isZero();
    assertThat(run.text()).isEqualTo(digest("four", "four", "one", "three", "three", "two", "two"));
    assertThat(run.messages())
        .startsWith(skippedLine(second.toString(), 1))
        .doesNotContain(first.toString());
  }

  private String digest(String... records) {
    List<byte[]> bytes = Arrays.stream(records).map(text -> text.getBytes(UTF_8)).toList();
    int size = String.join("", records).length();
    return "%s  %d %d %s\n".formatted(RecordDigest.of(bytes), records.length, size, in);
  }
}
