package io.disky.objects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An answer with other bytes than those that were requested is of no use. */
class AnsweredRangeTest {
  private static List<Long> check(
      long requested, long received, @Nullable String range, @Nullable Long length)
      throws IOException {
    return new AnsweredRange(requested, received)
        .check(range, length, List::of, answer -> new IOException("refused: " + answer));
  }

  @Test
  void theRequestedBytesAreAccepted() throws IOException {
    assertThat(check(10, 5, "bytes 10-14/100", 5L)).containsExactly(10L, 5L, 100L);
    assertThat(check(-1, 5, "bytes 95-99/100", null)).containsExactly(95L, 5L, 100L);
  }

  /** Also the beginning of the complete object, and all of it. */
  @Test
  void theCompleteObjectIsAcceptedIfItHasTheRequestedBytes() throws IOException {
    assertThat(check(0, 5, null, 100L)).containsExactly(0L, 5L, 100L);
    assertThat(check(-1, 100, null, 100L)).containsExactly(0L, 100L, 100L);
  }

  @ParameterizedTest
  @CsvSource({
    "10, 5,", // which begins with other bytes
    "-1, 5, 100", // whose end was not received
    "0, 5," // whose size is not known
  })
  void anotherCompleteObjectIsRefused(long requested, long received, @Nullable Long length) {
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> check(requested, received, null, length))
        .withMessage("refused: the complete object");
  }

  @ParameterizedTest
  @CsvSource({
    "10, 5, bytes 11-15/100",
    "10, 5, bytes 10-15/100",
    "10, 5, bytes 10-13/100",
    "10, 5, bytes 10-14/*",
    "10, 0, bytes */100",
    "10, 5, items 10-14/100",
    "-1, 5, bytes 94-98/100"
  })
  void otherBytesAreRefused(long requested, long received, String range) {
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> check(requested, received, range, received))
        .withMessage("refused: " + received + " bytes with Content-Range " + range);
  }
}
