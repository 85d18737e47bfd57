package io.disky.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.RecordWriter;
import io.disky.oracle.GoldenManifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code disky repair}. */
class RepairCommandTest {
  private static final String NOT_TORN = ": the end is not torn ('disky verify' checks the rest)\n";

  @TempDir private Path directory;
  private Path intact;
  private Path torn;
  private byte[] tornContent = new byte[0];

  @BeforeEach
  void setUp() throws IOException {
    intact = RecordTexts.write(directory.resolve("intact"), "a", "b");
    torn = RecordTexts.write(directory.resolve("torn"), "a", "b");
    byte[] content = Files.readAllBytes(torn);
    int whole = content.length;
    tornContent = Arrays.copyOf(content, whole + 30);
    Files.write(torn, tornContent);
  }

  private String report(String outcome) {
    int whole = tornContent.length - 30;
    String sizes = outcome + " from " + tornContent.length + " to " + whole + " bytes";
    return torn + ": " + sizes + "; byte " + whole + ": truncated: the file ends at byte ";
  }

  @Test
  void cutsWhatIsTorn() throws IOException {
    String text = CliRun.of("repair", intact, torn).succeeds().text();
    assertThat(text).startsWith(intact + NOT_TORN + report("cut")).hasLineCount(2);
    assertThat(RecordTexts.in(torn)).containsExactly("a", "b");
    assertThat(torn).hasSize(tornContent.length - 30);
    assertThat(CliRun.of("repair", torn).succeeds().text()).isEqualTo(torn + NOT_TORN);
    CliRun.with("c\n", "write", "--append", torn).succeeds();
    assertThat(RecordTexts.in(torn)).containsExactly("a", "b", "c");
  }

  @Test
  void printsAsciiDigitsInEveryLocale() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
    try {
      assertThat(CliRun.of("repair", "--dry-run", torn).succeeds().text())
          .startsWith(report("would be cut"));
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void aDryRunChangesNothing() {
    String text = CliRun.of("repair", "--dry-run", torn, intact).succeeds().text();
    assertThat(text).startsWith(report("would be cut")).endsWith("\n" + intact + NOT_TORN);
    assertThat(torn).hasBinaryContent(tornContent);
  }

  @Test
  void goesOnAfterAFailure() throws IOException {
    Path other = RecordTexts.file(directory.resolve("other"), "this is no record file\n");
    Path array = directory.resolve("array");
    Files.copy(GoldenManifest.arrayRecords().getFirst().location(), array);
    Path missing = directory.resolve("missing");
    for (String option : new String[] {"--dry-run", ""}) {
      CliRun run =
          option.isEmpty()
              ? CliRun.of("repair", missing, other, array, torn)
              : CliRun.of("repair", option, missing, other, array, torn);
      run.fails(missing.toString(), other + ": byte 0", array + ": this is an ArrayRecord");
      assertThat(run.messages()).hasLineCount(3);
      assertThat(run.text()).startsWith(torn.toString()).hasLineCount(1);
    }
    assertThat(RecordTexts.in(torn)).containsExactly("a", "b");
  }

  @Test
  void leavesAFileAloneThatAWriterHas() throws IOException {
    Path held = directory.resolve("held");
    try (RecordWriter writer = RecordWriter.open(held)) {
      assertThat(CliRun.of("repair", "--dry-run", held).succeeds().text()).contains("not torn");
      CliRun.of("repair", held).fails(held.toString(), "another writer");
      assertThat(writer.isOpen()).isTrue();
    }
    CliRun.of("repair", held).succeeds();
  }

  @Test
  void repairsFilesOnly() {
    CliRun.of("repair", "-").isRefused("not standard input");
    CliRun.of("repair").isRefused("FILE");
  }

  // --atomic

  @Test
  void writesAtomically() throws IOException {
    CliRun.with("c\n", "write", "--atomic", "--force", intact).succeeds();
    assertThat(RecordTexts.in(intact)).containsExactly("c");
    Path fresh = directory.resolve("fresh");
    CliRun.with("d\n", "write", "--atomic", fresh).succeeds();
    assertThat(RecordTexts.in(fresh)).containsExactly("d");
    CliRun.with("e\n", "write", "--atomic", fresh).fails("exists already");
    CliRun.of("convert", "--atomic", "--force", fresh, intact).succeeds();
    assertThat(RecordTexts.in(intact)).containsExactly("d");
    CliRun.with("f\n", "write", "--atomic", "-").succeeds();
    assertOnlyFiles(3);
  }

  @Test
  void aFailureLeavesWhatWasThere() throws IOException {
    CliRun.with("\2\0\0\0ab\1", "write", "--atomic", "--force", "--length-prefixed", intact)
        .fails("byte 6");
    assertThat(RecordTexts.in(intact)).containsExactly("a", "b");
    Path fresh = directory.resolve("fresh");
    CliRun.with("\2\0\0\0ab\1", "write", "--atomic", "--length-prefixed", fresh).fails("byte 6");
    CliRun.of("convert", "--atomic", "--force", torn, intact).fails(torn.toString());
    assertThat(RecordTexts.in(intact)).containsExactly("a", "b");
    assertOnlyFiles(2);
  }

  @Test
  void aFileThatIsContinuedIsNotCreated() throws IOException {
    CliRun.with("c\n", "write", "--atomic", "--append", intact).isRefused("--append", "--atomic");
    assertThat(RecordTexts.in(intact)).containsExactly("a", "b");
  }

  private void assertOnlyFiles(int count) throws IOException {
    try (var files = Files.list(directory)) {
      assertThat(files).hasSize(count);
    }
  }
}
