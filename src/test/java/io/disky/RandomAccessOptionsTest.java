package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Options are values that never change. */
class RandomAccessOptionsTest {
  private static final RandomAccessOptions DEFAULTS = RandomAccessOptions.defaults();

  @Test
  void defaults() {
    assertThat(DEFAULTS.cacheSize()).isEqualTo(64 << 20);
    assertThat(DEFAULTS.parallelism()).isBetween(1, 8);
    assertThat(DEFAULTS.footer()).isTrue();
    assertThat(DEFAULTS.savedIndex()).isEqualTo(SavedIndex.LOAD);
    assertThat(DEFAULTS.indexDirectory()).isEmpty();
    assertThat(DEFAULTS.readerOptions()).isEqualTo(ReaderOptions.defaults());
  }

  @Test
  void changes() {
    assertThat(DEFAULTS.withCacheSize(0).cacheSize()).isZero();
    assertThat(DEFAULTS.withParallelism(0).parallelism()).isZero();
    assertThat(RandomAccessOptions.MAX_PARALLELISM).isEqualTo(1024);
    assertThat(DEFAULTS.withParallelism(1024).parallelism()).isEqualTo(1024);
    assertThat(DEFAULTS.withFooter(false).footer()).isFalse();
    assertThat(DEFAULTS.withSavedIndex(SavedIndex.IGNORE).savedIndex())
        .isEqualTo(SavedIndex.IGNORE);
    assertThat(DEFAULTS.withIndexDirectory(Path.of("x")).indexDirectory()).contains(Path.of("x"));
    assertThat(DEFAULTS.remoteIndex()).isEmpty();
    assertThat(DEFAULTS.withRemoteIndex(file -> file).remoteIndex()).isPresent();
    ReaderOptions reading = ReaderOptions.defaults().withMaxChunkSize(5);
    assertThat(DEFAULTS.withReaderOptions(reading).readerOptions()).isEqualTo(reading);
  }

  @Test
  void equality() {
    List<RandomAccessOptions> different =
        List.of(
            DEFAULTS,
            DEFAULTS.withCacheSize(1),
            DEFAULTS.withParallelism(9),
            DEFAULTS.withFooter(false),
            DEFAULTS.withSavedIndex(SavedIndex.IGNORE),
            DEFAULTS.withIndexDirectory(Path.of("x")),
            DEFAULTS.withRemoteIndex(file -> file),
            DEFAULTS.withReaderOptions(ReaderOptions.defaults().withMaxChunkSize(5)));
    assertThat(different).doesNotHaveDuplicates();
    assertThat(different.stream().map(Object::toString)).doesNotHaveDuplicates();
    for (RandomAccessOptions options : different) {
      RandomAccessOptions same = options.withCacheSize(7).withCacheSize(options.cacheSize());
      assertThat(same).isEqualTo(options).hasSameHashCodeAs(options);
    }
  }

  @Test
  void refusesWhatIsOutOfRange() {
    assertThatIllegalArgumentException().isThrownBy(() -> DEFAULTS.withCacheSize(-1));
    assertThatIllegalArgumentException().isThrownBy(() -> DEFAULTS.withParallelism(-1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DEFAULTS.withParallelism(1025))
        .withMessage("parallelism 1025 is outside 0 to 1024 threads");
  }

  @Test
  void textHasAllOptions() {
    RandomAccessOptions options =
        DEFAULTS
            .withCacheSize(5)
            .withParallelism(0)
            .withFooter(false)
            .withSavedIndex(SavedIndex.LOAD_OR_SAVE)
            .withIndexDirectory(Path.of("a b"));
    assertThat(options)
        .hasToString(
            "RandomAccessOptions[cacheSize=5, parallelism=0, footer=false, savedIndex=LOAD_OR_SAVE,"
                + " indexDirectory='a b', remoteIndex=none, readerOptions="
                + ReaderOptions.defaults()
                + "]");
    assertThat(DEFAULTS.toString()).contains("indexDirectory=none");
  }
}
