package io.disky.spark.requirements;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequirementsTest {
  @ParameterizedTest
  @ValueSource(strings = {"17.0.12", "21.0.8", "25", "25.0.1", "25.0.2+9"})
  void oldOrFaultyJava(String version) {
    assertThat(Requirements.javaProblem(Runtime.Version.parse(version)))
        .contains("needs JDK 25.0.3 or newer on the driver and on all executors")
        .contains(version);
  }

  @ParameterizedTest
  @ValueSource(strings = {"22", "24.0.2", "25.0.3", "25.0.10", "25.1", "26-ea", "30.0.1"})
  void otherJava(String version) {
    assertThat(Requirements.javaProblem(Runtime.Version.parse(version))).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"4.1.1", "3.5.7", "4.0.0-preview2", "unknown", ""})
  void oldSpark(String version) {
    assertThat(Requirements.sparkProblem(version)).contains("needs Spark 4.2").endsWith(version);
  }

  @ParameterizedTest
  @ValueSource(strings = {"4.2.0", "4.2.0-preview1", "4.3.0.dev1", "4.10.0", "5.0.0"})
  void newSpark(String version) {
    assertThat(Requirements.sparkProblem(version)).isNull();
  }

  @Test
  void problemsAreOneSentence() {
    assertThatThrownBy(() -> Requirements.check("4.1.0"))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessage("disky for Spark needs Spark 4.2 or newer; this is Spark 4.1.0");
  }
}
