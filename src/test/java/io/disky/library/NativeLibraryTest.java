package io.disky.library;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The library in the JVM of the tests. */
class NativeLibraryTest {

  @Test
  void loadsOnce() {
    NativeLibrary.ensureLoaded();
    Optional<Path> file = NativeLibrary.file();
    NativeLibrary.ensureLoaded();

    assertThat(file).isPresent().isEqualTo(NativeLibrary.file());
    assertThat(file.get()).isRegularFile();
  }

  @Test
  void hasTheExpectedInterface() {
    NativeLibrary.ensureLoaded();

    NativeAbi.check(new NativeHost().symbols(), NativeLibrary.EXPECTED_ABI_VERSION);
  }

  @Test
  void anotherInterfaceIsNoticed() {
    NativeLibrary.ensureLoaded();

    assertThatThrownBy(() -> NativeAbi.check(new NativeHost().symbols(), 1000))
        .isInstanceOf(UnsatisfiedLinkError.class)
        .hasMessageContaining("need version 1000");
  }
}
