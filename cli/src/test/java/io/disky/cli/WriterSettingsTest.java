package io.disky.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.disky.Compression;
import io.disky.Container;
import io.disky.Dialect;
import io.disky.RecordsMetadata;
import io.disky.WriterOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;

/**
 * The writer options that result from the options of {@code disky write} and {@code disky convert}.
 */
class WriterSettingsTest {
  private static final WriterOptions DEFAULTS = WriterOptions.defaults();
  private static final RecordsMetadata EMPTY = RecordsMetadata.empty();

  /** A command that has these options. */
  @Command(name = "some")
  private static final class SomeCommand {
    @Mixin private WriterSettings settings = new WriterSettings();
  }

  private static WriterOptions options(String... args) {
    SomeCommand command = new SomeCommand();
    new CommandLine(command).parseArgs(args);
    return command.settings.options();
  }

  private static void refuses(String reason, String... args) {
    assertThatExceptionOfType(ParameterException.class)
        .isThrownBy(() -> options(args))
        .withMessageContaining(reason);
  }

  @Test
  void defaultsAreTheLibrarys() {
    assertThat(options()).isEqualTo(DEFAULTS);
  }

  @Test
  void eachOptionIsTheWriters() {
    assertThat(options("--compression=zstd:-7"))
        .isEqualTo(DEFAULTS.withCompression(Compression.zstd(-7)));
    assertThat(options("--dialect=riegeli")).isEqualTo(DEFAULTS.withDialect(Dialect.RIEGELI));
    assertThat(options("--container=records")).isEqualTo(DEFAULTS);
    assertThat(options("--container=array_record"))
        .isEqualTo(DEFAULTS.withContainer(Container.ARRAY_RECORD));
    assertThat(options("--chunk-size=64K")).isEqualTo(DEFAULTS.withChunkSize(65_536));
    assertThat(options("--transpose")).isEqualTo(DEFAULTS.withTranspose(true));
    assertThat(options("--transpose", "--bucket-fraction=0.25"))
        .isEqualTo(DEFAULTS.withTranspose(true).withBucketFraction(0.25));
    assertThat(options("--padding=64KiB")).isEqualTo(DEFAULTS.withPadding(65_536));
    assertThat(options("--initial-padding=8")).isEqualTo(DEFAULTS.withInitialPadding(8));
    assertThat(options("--final-padding=8")).isEqualTo(DEFAULTS.withFinalPadding(8));
    assertThat(options("--file-comment=of cats"))
        .isEqualTo(DEFAULTS.withMetadata(EMPTY.withFileComment("of cats")));
    assertThat(options("--record-type-name", "a.Cat"))
        .isEqualTo(DEFAULTS.withMetadata(EMPTY.withRecordTypeName("a.Cat")));
  }

  @Test
  void metadataHaveBothCommentAndType() {
    assertThat(options("--record-type-name=a.Cat", "--file-comment="))
        .isEqualTo(DEFAULTS.withMetadata(EMPTY.withFileComment("").withRecordTypeName("a.Cat")));
  }

  @Test
  void particularPaddingsComeBeforeThatOfBothKinds() {
    assertThat(options("--final-padding=1", "--padding=64K"))
        .isEqualTo(DEFAULTS.withInitialPadding(65_536));
    assertThat(options("--padding=64K", "--initial-padding=8"))
        .isEqualTo(DEFAULTS.withInitialPadding(8).withFinalPadding(65_536));
  }

  @Test
  void windowIsThatOfTheCodec() {
    assertThat(options("--window-log=20").compression())
        .isEqualTo(Compression.zstd().withWindowLog(20));
    assertThat(options("--window-log=20", "--compression=brotli:9").compression())
        .isEqualTo(Compression.brotli(9).withWindowLog(20));
    assertThat(options("--compression=zstd:9,window_log:12").compression())
        .isEqualTo(Compression.zstd(9).withWindowLog(12));
    refuses("none compression has no window_log", "--window-log=20", "--compression=none");
    refuses("brotli window_log 31", "--window-log=31", "--compression=brotli");
    refuses("zstd window_log 32", "--window-log=32");
  }

  @Test
  void arrayRecordsHaveOneDialect() {
    assertThat(options("--container=array_record", "--dialect=riegeli", "--group-size=64"))
        .isEqualTo(DEFAULTS.withContainer(Container.ARRAY_RECORD).withGroupSize(64));
    refuses(
        "--container=array_record needs the dialect riegeli",
        "--dialect=disky",
        "--container=array_record");
  }

  @Test
  void groupsAreOfArrayRecords() {
    refuses("--group-size needs --container=array_record", "--group-size=64");
    refuses("--group-size needs --container=array_record", "--container=records", "--group-size=1");
  }

  @ParameterizedTest
  @CsvSource({
    "--group-size=0, group size 0",
    "--group-size=2147483648, --group-size",
    "--bucket-fraction=1.5, bucket fraction 1.5",
    "--bucket-fraction=NaN, bucket fraction NaN",
    "--bucket-fraction=half, --bucket-fraction",
    "--padding=0, padding 0",
    "--initial-padding=2G, padding 2147483648",
    "--final-padding=64KB, 64KB",
    "--container=ARRAY_RECORD, 'records, array_record'",
    "--container=array-record, 'records, array_record'",
    "--window-log=auto, --window-log",
  })
  void valuesThatThereAreNot(String option, String reason) {
    refuses(reason, "--container=array_record", "--transpose", option);
  }

  @Test
  void bucketsAreOfTransposedChunks() {
    refuses("--bucket-fraction needs --transpose", "--bucket-fraction=0.5");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--chunk-size", "--padding", "--initial-padding", "--final-padding"})
  void sizesMayBeAGibibyte(String option) {
    assertThat(options(option + "=1GiB")).isNotEqualTo(DEFAULTS);
  }
}
