package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FieldProjectionTest {
  @Test
  void aProjectionIsASetOfPaths() {
    FieldProjection projection = FieldProjection.none().withField(3, 2).withField(1);
    assertThat(projection.paths()).containsExactly(List.of(1), List.of(3, 2));
    FieldProjection other = FieldProjection.none().withField(1).withField(3, 2).withField(1);
    assertThat(other).isEqualTo(projection).hasSameHashCodeAs(projection);
    assertThat(projection.withField(3)).isNotEqualTo(projection);
    assertThat(projection).hasToString("1,3.2");
    assertThat(projection.includesAll()).isFalse();
    assertThat(FieldProjection.none().withField(1)).isNotEqualTo(FieldProjection.none());
  }

  @Test
  void theEmptyPathIncludesEverything() {
    FieldProjection all = FieldProjection.none().withField(1).withField().withField(2);
    assertThat(all).isEqualTo(FieldProjection.all()).hasToString("all");
    assertThat(all.includesAll()).isTrue();
    assertThat(FieldProjection.none().includesAll()).isFalse();
    assertThat(FieldProjection.none()).hasToString("none");
    assertThat(FieldProjection.all().paths()).containsExactly(List.of());
    assertThat(FieldProjection.none().paths()).isEmpty();
  }

  @Test
  void aPathIsAsTheCallerGaveItOnce() {
    int[] path = {1, 2};
    FieldProjection projection = FieldProjection.none().withField(path);
    path[0] = 9;
    assertThat(projection).hasToString("1.2");
    assertThatThrownBy(() -> projection.paths().getFirst().set(0, 3))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void textsOfFields() {
    FieldProjection projection =
        FieldProjection.none().withField(1).withField(3, 2).withField(4, 0);
    assertThat(FieldProjection.parse("3.2, 1 ,4.0")).isEqualTo(projection);
    assertThat(FieldProjection.parse(projection.toString())).isEqualTo(projection);
    assertThat(FieldProjection.parse("536870911")).hasToString("536870911");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", ",", "1,", "a", "1.", ".1", "1..2", "-1", "1 2", "4294967296"})
  void textsThatAreNotFields(String text) {
    assertThatThrownBy(() -> FieldProjection.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "' is not a list of fields such as 1,3.2");
  }

  @Test
  void numbersThatNoFieldHas() {
    FieldProjection none = FieldProjection.none();
    assertThatThrownBy(() -> none.withField(1, -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("field number -1 is outside 1 to 536870911");
    assertThatThrownBy(() -> none.withField(1 << 29)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> none.withField(1, 0, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not the last number of the path [1, 0, 2]");
    assertThatThrownBy(() -> FieldProjection.parse("1,536870912"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("outside 1 to 536870911");
  }
}
