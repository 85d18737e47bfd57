package io.disky.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link ByteSize}. */
class ByteSizeTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1, 1",
    "65536, 65536",
    "7B, 7",
    "1K, 1024",
    "1k, 1024",
    "1KiB, 1024",
    "3M, 3145728",
    "1MiB, 1048576",
    "1 mib, 1048576",
    "2G, 2147483648",
    "2GiB, 2147483648",
    "9223372036854775807, 9223372036854775807"
  })
  void readsSizes(String text, long bytes) {
    assertThat(ByteSize.parse(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "M",
        "-1",
        "1.5M",
        "1MB",
        "1TiB",
        "1 000",
        "0x10",
        "M1",
        "8589934592G",
        "9223372036854775808"
      })
  void refusesOtherText(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ByteSize.parse(text))
        .withMessageContaining("'" + text + "'");
  }
}
