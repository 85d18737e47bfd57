package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordPositionTest {
  @Test
  void hasANumericFormATextAndAnOrder() {
    RecordPosition position = new RecordPosition(65536, 17);
    assertThat(position.numeric()).isEqualTo(65553);
    assertThat(position).hasToString("65536/17");
    assertThat(RecordPosition.parse("65536/17")).isEqualTo(position);
    assertThat(RecordPosition.START).isEqualTo(RecordPosition.parse("0/0"));

    List<RecordPosition> ascending =
        List.of(
            RecordPosition.START,
            new RecordPosition(64, 0),
            new RecordPosition(64, 9),
            position,
            new RecordPosition(Long.MAX_VALUE, 0));
    assertThat(ascending.reversed().stream().sorted()).containsExactlyElementsOf(ascending);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "1/",
        "/1",
        "1",
        "1/2/3",
        "-1/2",
        "+1/2",
        " 1/2",
        "1/9223372036854775808"
      })
  void otherTextsAreRefused(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RecordPosition.parse(text))
        .withMessageContaining("\"" + text + "\"");
  }

  @Test
  void numbersOutOfRangeAreRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new RecordPosition(-1, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> new RecordPosition(0, -1));
    assertThatIllegalArgumentException().isThrownBy(() -> new RecordPosition(Long.MAX_VALUE, 1));
  }
}
