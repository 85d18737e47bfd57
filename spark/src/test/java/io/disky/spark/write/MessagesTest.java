package io.disky.spark.write;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.spark.testing.SharedSpark;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.serializer.JavaSerializer;
import org.apache.spark.serializer.KryoSerializer;
import org.apache.spark.serializer.Serializer;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/** What passes between the driver and executors, with both serialisers of Spark. */
class MessagesTest {
  private static <T> T passed(T object, String serializer) {
    SparkConf conf = SharedSpark.session().sparkContext().getConf();
    Serializer chosen =
        serializer.equals("kryo") ? new KryoSerializer(conf) : new JavaSerializer(conf);
    var instance = chosen.newInstance();
    ClassTag<T> tag = ClassTag$.MODULE$.apply(object.getClass());
    return instance.deserialize(instance.serialize(object, tag), tag);
  }

  @ParameterizedTest
  @ValueSource(strings = {"kryo", "java"})
  void messagesOfTasks(String serializer) {
    WrittenFiles message =
        new WrittenFiles(
            3,
            1L << 40,
            List.of(new WrittenFile("s3a://b/x", "day=1", 5), new WrittenFile("y", "", 0)));
    WrittenFiles passed = passed(message, serializer);
    assertThat(passed).isNotSameAs(message).hasToString(message.toString());
    assertThat(passed.partitionId()).isEqualTo(3);
    assertThat(passed.taskId()).isEqualTo(1L << 40);
    assertThat(passed.files()).hasSize(2);
    assertThat(passed.files().getFirst().partition()).isEqualTo("day=1");
    assertThat(passed.files().getFirst().size()).isEqualTo(5);
    assertThat(passed.files().getFirst().path()).isEqualTo("s3a://b/x");
    assertThat(passed(new WrittenFiles(0, 0, List.of()), serializer).files()).isEmpty();
  }

  @Test
  void optionsAndColumns() {
    ShardOptions options =
        new ShardOptions(
            new CaseInsensitiveStringMap(
                Map.of(
                    "compression",
                    "brotli:2",
                    "dialect",
                    "riegeli",
                    "chunkSize",
                    "5",
                    "prefix",
                    "p",
                    "groupSize",
                    "3",
                    "maxShardSize",
                    "9",
                    "failIfExists",
                    "true")));
    ShardOptions passed = passed(options, "java");
    assertThat(passed.writerOptions()).isEqualTo(options.writerOptions());
    assertThat(passed.prefix()).isEqualTo("p");
    assertThat(passed.maxShardSize()).isEqualTo(9);
    assertThat(passed.chunkSize()).isEqualTo(5);
    assertThat(passed.failIfExists()).isTrue();
    FrameColumns columns =
        FrameColumns.in(
            new StructType().add("a", DataTypes.LongType).add("RECORD", DataTypes.BinaryType),
            List.of("A"));
    assertThat(passed(columns, "java").partitions()).hasToString(columns.partitions().toString());
  }
}
