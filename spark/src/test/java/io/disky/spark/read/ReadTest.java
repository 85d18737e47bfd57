package io.disky.spark.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.RecordWriter;
import io.disky.WriterOptions;
import io.disky.spark.testing.SharedSpark;
import java.nio.file.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadTest {
  @TempDir Path directory;

  @Test
  void first() throws Exception {
    try (RecordWriter writer =
        RecordWriter.open(directory.resolve("a"), WriterOptions.defaults().withChunkSize(10_000))) {
      for (int i = 0; i < 10_000; i++) {
        writer.write(("record " + i).getBytes());
      }
    }
    Dataset<Row> d = SharedSpark.session().read().format("disky").load(directory.toString());
    d.printSchema();
    assertThat(d.count()).isEqualTo(10_000);
    d.groupBy().count().explain(true);
    d.selectExpr(
            "string(record)",
            "_metadata.record_number",
            "_metadata.chunk_begin",
            "_metadata.record_index",
            "_metadata.file_name",
            "_metadata")
        .orderBy("record_number")
        .show(10, false);
    assertThat(d.selectExpr("_metadata.file_path").distinct().count()).isEqualTo(1);
    assertThat(d.selectExpr("sum(_metadata.record_number)").collectAsList().get(0).getLong(0))
        .isEqualTo(9999L * 5000);
    d.limit(3).explain(true);
  }
}
