package io.disky.spark.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.spark.files.HadoopSettings;
import io.disky.spark.files.PartitionColumns;
import io.disky.spark.files.PartitionKey;
import io.disky.spark.files.RecordSchema;
import io.disky.spark.testing.SharedSpark;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.serializer.JavaSerializer;
import org.apache.spark.serializer.KryoSerializer;
import org.apache.spark.serializer.Serializer;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import org.apache.spark.util.SerializableConfiguration;
import org.junit.jupiter.api.Test;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/** What the driver sends to tasks arrives. */
class SerializationTest {
  private static final SparkConf CONF = new SparkConf(false);

  private static <T> T copy(Serializer serializer, T object) {
    ClassTag<T> tag = ClassTag$.MODULE$.apply(object.getClass());
    ByteBuffer bytes = serializer.newInstance().serialize(object, tag);
    return serializer.newInstance().deserialize(bytes, tag);
  }

  /** Spark sends partitions and readers with Java's serialization, whatever the setting. */
  @Test
  void tasks() {
    PartitionColumns columns = PartitionColumns.of(new StructType().add("day", DataTypes.DateType));
    ReadOptions options = new ReadOptions(true, false, 1, 2, 3);
    ScanTask task = new ScanTask(RecordSchema.with(columns), columns, options, 7);
    FileSplit split = new FileSplit("file:/a", true, 10, 5, 0, 10, PartitionKey.NONE);
    SplitPartition partition = new SplitPartition(List.of(split), List.of("host"));

    ScanTask copied = copy(new JavaSerializer(CONF), task);
    assertThat(copied.schema()).isEqualTo(task.schema());
    assertThat(copied.partitionColumns().schema()).isEqualTo(columns.schema());
    assertThat(copied.options()).isEqualTo(options);
    assertThat(copied.limit()).isEqualTo(7);
    SplitPartition arrived = copy(new JavaSerializer(CONF), partition);
    assertThat(arrived.splits()).containsExactly(split);
    assertThat(arrived.preferredLocations()).containsExactly("host");
    assertThat(copy(new JavaSerializer(CONF), new ReaderFactory(task, null))).isNotNull();
  }

  /** Spark broadcasts with the serializer that the user has chosen. */
  @Test
  void settingsOfHadoop() {
    SparkSession spark = SharedSpark.session();
    Configuration configuration =
        HadoopSettings.onDriver(
            spark,
            new CaseInsensitiveStringMap(
                Map.of("fs.Some.key", "value", "path", "/a", "paths", "[]")));

    assertThat(configuration.get("fs.Some.key")).isEqualTo("value");
    assertThat(configuration.get("path")).isNull();
    assertThat(configuration.get("paths")).isNull();
    for (Serializer serializer : List.of(new JavaSerializer(CONF), new KryoSerializer(CONF))) {
      SerializableConfiguration copied =
          copy(serializer, new SerializableConfiguration(configuration));
      assertThat(copied.value().get("fs.Some.key")).isEqualTo("value");
    }
    HadoopSettings shared =
        copy(new JavaSerializer(CONF), HadoopSettings.share(spark, configuration));
    assertThat(shared.inTask().get("fs.Some.key")).isEqualTo("value");
  }

  @Test
  void settingsOfTheSessionApply() {
    SparkSession spark = SharedSpark.session();
    spark.conf().set("spark.hadoop.fs.some.other.key", "session");
    try {
      CaseInsensitiveStringMap none = new CaseInsensitiveStringMap(Map.of());
      assertThat(HadoopSettings.onDriver(spark, none).get("fs.some.other.key"))
          .isEqualTo("session");
    } finally {
      spark.conf().unset("spark.hadoop.fs.some.other.key");
    }
  }
}
