package io.disky.files;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SystemErrorTest {

  @Test
  void codesOfUnix() {
    assertThat(SystemError.ofUnix(2)).isEqualTo(SystemError.NO_SUCH_FILE);
    assertThat(SystemError.ofUnix(13)).isEqualTo(SystemError.ACCESS_DENIED);
    assertThat(SystemError.ofUnix(17)).isEqualTo(SystemError.ALREADY_EXISTS);
    assertThat(SystemError.ofUnix(23)).isEqualTo(SystemError.TOO_MANY_OPEN_FILES);
    assertThat(SystemError.ofUnix(24)).isEqualTo(SystemError.TOO_MANY_OPEN_FILES);
    assertThat(SystemError.ofUnix(5)).isEqualTo(SystemError.OTHER);
  }

  /** The same numbers mean something else there. */
  @Test
  void codesOfWindows() {
    assertThat(SystemError.ofWindows(2)).isEqualTo(SystemError.NO_SUCH_FILE);
    assertThat(SystemError.ofWindows(3)).isEqualTo(SystemError.NO_SUCH_FILE);
    assertThat(SystemError.ofWindows(4)).isEqualTo(SystemError.TOO_MANY_OPEN_FILES);
    assertThat(SystemError.ofWindows(5)).isEqualTo(SystemError.ACCESS_DENIED);
    assertThat(SystemError.ofWindows(80)).isEqualTo(SystemError.ALREADY_EXISTS);
    assertThat(SystemError.ofWindows(183)).isEqualTo(SystemError.ALREADY_EXISTS);
    assertThat(SystemError.ofWindows(13)).isEqualTo(SystemError.OTHER);
  }
}
