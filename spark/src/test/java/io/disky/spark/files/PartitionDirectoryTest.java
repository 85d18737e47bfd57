package io.disky.spark.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PartitionDirectoryTest {
  @ParameterizedTest
  @CsvSource({
    "day, 2026-01-31, day=2026-01-31",
    "a b, 1 2, a b=1 2",
    "k, a/b, k=a%2Fb",
    "k, 100%, k=100%25",
    "k, 'x=y:z', 'k=x%3Dy%3Az'",
    "k, ä€😀, k=ä€😀",
    "'k=1', v, 'k%3D1=v'",
  })
  void namesAreEscaped(String column, String value, String name) {
    assertThat(new PartitionDirectory(column, value).name()).isEqualTo(name);
    assertThat(PartitionDirectory.parse(name)).contains(new PartitionDirectory(column, value));
  }

  @Test
  void everyAsciiCharacterSurvives() {
    for (char c = 0; c < 256; c++) {
      PartitionDirectory directory = new PartitionDirectory("c", "x" + c);

      assertThat(PartitionDirectory.parse(directory.name())).contains(directory);
      assertThat(directory.name()).doesNotContain("/").doesNotContain("\u0000");
    }
  }

  @Test
  void noValue() {
    PartitionDirectory none = new PartitionDirectory("day", null);

    assertThat(none.name()).isEqualTo("day=__HIVE_DEFAULT_PARTITION__");
    assertThat(PartitionDirectory.parse(none.name())).contains(none);
    assertThat(new PartitionDirectory("day", "").name()).isEqualTo(none.name());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "day", "=1", "_temporary"})
  void otherDirectories(String name) {
    assertThat(PartitionDirectory.parse(name)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"50%", "%zz", "%4"})
  void percentSignsOfOthersStandForThemselves(String value) {
    assertThat(PartitionDirectory.parse("a=" + value)).contains(new PartitionDirectory("a", value));
  }

  private static StructField column(DataType type) {
    return DataTypes.createStructField("c", type, true);
  }

  @Test
  void valuesOfEachType() {
    Map<DataType, List<?>> values =
        Map.of(
            DataTypes.StringType, List.of("a", UTF8String.fromString("a")),
            DataTypes.BooleanType, List.of("true", true),
            DataTypes.ByteType, List.of("-128", (byte) -128),
            DataTypes.ShortType, List.of("32767", (short) 32767),
            DataTypes.IntegerType, List.of("-7", -7),
            DataTypes.LongType, List.of("9223372036854775807", Long.MAX_VALUE),
            DataTypes.DateType, List.of("1970-01-02", 1));

    values.forEach((type, pair) -> {
      String text = (String) pair.get(0);
      assertThat(PartitionValue.parse(column(type), text)).isEqualTo(pair.get(1));
      assertThat(PartitionValue.text(type, pair.get(1))).isEqualTo(text);
      assertThat(PartitionValue.parse(column(type), null)).isNull();
      assertThat(PartitionValue.text(type, null)).isNull();
    });
  }

  @ParameterizedTest
  @CsvSource({"INT, 1.5", "TINYINT, 128", "BOOLEAN, yes", "DATE, 2026-02-30", "BIGINT, ''"})
  void valuesOfAnotherType(String type, String text) {
    StructField column = column(DataType.fromDDL(type));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> PartitionValue.parse(column, text))
        .withMessageContaining(type)
        .withMessageContaining("c=");
  }

  private static PartitionColumns of(String option) {
    return PartitionColumns.of(new CaseInsensitiveStringMap(Map.of("partitionColumns", option)));
  }

  @Test
  void theOption() {
    assertThat(of(" date , hour ").schema().toDDL()).isEqualTo("date STRING,hour STRING");
    assertThat(of("date DATE, hour INT").schema().toDDL()).isEqualTo("date DATE,hour INT");
    assertThat(of("").isEmpty()).isTrue();
    assertThat(of("a,b").indexOf("B")).isEqualTo(1);
    assertThat(of("a,b").indexOf("c")).isEqualTo(-1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a,,b", "a,A", "record", "a TIMESTAMP", "a INT b", "a DOUBLE"})
  void optionsThatAreNotAllowed(String option) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> of(option))
        .withMessageContaining("option partitionColumns = " + option);
  }
}
