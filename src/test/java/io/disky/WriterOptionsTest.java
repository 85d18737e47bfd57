package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WriterOptionsTest {
  private static final WriterOptions DEFAULTS = WriterOptions.defaults();

  @Test
  void defaultsAreTheDocumentedOnes() {
    assertOptions(DEFAULTS, OpenMode.CREATE_NEW, Compression.zstd(3), Dialect.DISKY, 1 << 20);
  }

  @Test
  void eachMethodChangesOneOption() {
    assertOptions(
        DEFAULTS.withOpenMode(OpenMode.APPEND),
        OpenMode.APPEND,
        Compression.zstd(),
        Dialect.DISKY,
        1 << 20);
    assertOptions(
        DEFAULTS.withCompression(Compression.none()),
        OpenMode.CREATE_NEW,
        Compression.none(),
        Dialect.DISKY,
        1 << 20);
    assertOptions(
        DEFAULTS.withDialect(Dialect.RIEGELI),
        OpenMode.CREATE_NEW,
        Compression.zstd(),
        Dialect.RIEGELI,
        1 << 20);
    assertOptions(
        DEFAULTS.withChunkSize(5), OpenMode.CREATE_NEW, Compression.zstd(), Dialect.DISKY, 5);
  }

  @Test
  void changesAddUpAndLeaveTheOriginalAlone() {
    WriterOptions changed =
        DEFAULTS
            .withOpenMode(OpenMode.OVERWRITE)
            .withCompression(Compression.zstd(9))
            .withDialect(Dialect.RIEGELI)
            .withChunkSize(77);

    assertOptions(changed, OpenMode.OVERWRITE, Compression.zstd(9), Dialect.RIEGELI, 77);
    assertOptions(DEFAULTS, OpenMode.CREATE_NEW, Compression.zstd(3), Dialect.DISKY, 1 << 20);
  }

  private static void assertOptions(
      WriterOptions options,
      OpenMode openMode,
      Compression compression,
      Dialect dialect,
      long chunkSize) {
    assertThat(options.openMode()).isEqualTo(openMode);
    assertThat(options.compression()).isEqualTo(compression);
    assertThat(options.dialect()).isEqualTo(dialect);
    assertThat(options.chunkSize()).isEqualTo(chunkSize);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 1 << 30})
  void chunkSizesThatThereAre(long bytes) {
    assertThat(DEFAULTS.withChunkSize(bytes).chunkSize()).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, -1, 0, (1 << 30) + 1, Long.MAX_VALUE})
  void chunkSizesThatThereAreNot(long bytes) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DEFAULTS.withChunkSize(bytes))
        .withMessageContaining(Long.toString(bytes))
        .withMessageContaining("1 to 1073741824");
  }

  @Test
  void nullIsRefused() {
    assertThatNullPointerException()
        .isThrownBy(() -> DEFAULTS.withOpenMode(null))
        .withMessage("openMode");
    assertThatNullPointerException()
        .isThrownBy(() -> DEFAULTS.withCompression(null))
        .withMessage("compression");
    assertThatNullPointerException()
        .isThrownBy(() -> DEFAULTS.withDialect(null))
        .withMessage("dialect");
  }

  @Test
  void textNamesEachOption() {
    assertThat(DEFAULTS)
        .hasToString(
            "WriterOptions[openMode=CREATE_NEW, compression=zstd:3, dialect=DISKY,"
                + " chunkSize=1048576]");
  }

  @Test
  void equalOptionsAreEqual() {
    WriterOptions changed = WriterOptions.defaults().withChunkSize(5).withDialect(Dialect.RIEGELI);
    WriterOptions again = WriterOptions.defaults().withDialect(Dialect.RIEGELI).withChunkSize(5);
    assertThat(changed).isEqualTo(again).hasSameHashCodeAs(again);
    assertThat(changed).isNotEqualTo(again.withOpenMode(OpenMode.APPEND));
    assertThat(changed).isNotEqualTo(again.withCompression(Compression.none()));
    assertThat(changed).isNotEqualTo(WriterOptions.defaults().withChunkSize(5));
  }
}
