package io.disky.spark.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.disky.spark.testing.Frames;
import io.disky.spark.testing.NoOpenObjects;
import io.disky.spark.testing.SharedSpark;
import io.disky.spark.write.CopyingFileSystem.Fault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.mapreduce.lib.output.FileOutputCommitterFactory;
import org.apache.hadoop.mapreduce.lib.output.committer.manifest.ManifestCommitterFactory;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Committers of Hadoop, as object stores have them. */
@ExtendWith(NoOpenObjects.class)
class CommitterTest {
  private static final String ONE_FILE = "(part=[01]/)?shard_[0-9]{31}";

  @TempDir Path directory;

  @AfterEach
  void noFaults() {
    TestCommitter.reset("");
    CopyingFileSystem.reset();
  }

  private void write(Dataset<Row> frame, String mode, Class<?> factory) {
    frame
        .write()
        .format("disky")
        .option("fs.copying.impl", CopyingFileSystem.class.getName())
        .option("mapreduce.outputcommitter.factory.scheme.copying", factory.getName())
        .option("partitionColumns", frame.columns().length == 1 ? "" : "part")
        .option("maxShardSize", "2k")
        .option("chunkSize", "1k")
        .mode(mode)
        .save(CopyingFileSystem.path(directory));
  }

  private static Dataset<Row> parts(long begin, long end) {
    return Frames.withIds(begin, end, 2).selectExpr("record", "id % 2 AS part");
  }

  private void assertOnlyRecordFiles() throws IOException {
    assertThat(Frames.everything(directory))
        .allMatch(name -> name.matches(ONE_FILE + "|_SUCCESS|part=[01]/"));
  }

  @ParameterizedTest
  @ValueSource(classes = {TestCommitter.Factory.class, ManifestCommitterFactory.class})
  void appendAndOverwrite(Class<?> factory) throws IOException {
    write(Frames.records(0, 1000, 3), "append", factory);
    Frames.assertRecords(directory, 0, 1000);
    assertThat(Frames.recordFiles(directory)).hasSizeGreaterThan(3);
    write(Frames.records(1000, 1500, 2), "append", factory);
    Frames.assertRecords(directory, 0, 1500);
    assertOnlyRecordFiles();
    write(parts(0, 700), "overwrite", factory);
    Frames.assertRecords(directory, 0, 700);
    assertOnlyRecordFiles();
    write(Frames.records(0, 0, 1), "overwrite", factory);
    assertThat(Frames.recordFiles(directory)).isEmpty();
  }

  @Test
  void theDriverCommitsOneAttemptOfEachTask() {
    TestCommitter.reset("");
    write(Frames.records(0, 2, 3), "append", TestCommitter.Factory.class);
    assertThat(TestCommitter.CALLS)
        .containsExactlyInAnyOrder(
            "setupJob",
            "setupTask",
            "setupTask",
            "commitTask",
            "commitTask",
            "commitJob",
            "afterCommitJob");
  }

  @ParameterizedTest
  @ValueSource(classes = {TestCommitter.Factory.class, ManifestCommitterFactory.class})
  void aTaskThatFailsThreeOfFourTimes(Class<?> factory) throws IOException {
    UDF1<Long, Boolean> passes =
        id -> {
          if (id == 900 && TaskContext.get().attemptNumber() < SharedSpark.ATTEMPTS - 1) {
            throw new IllegalStateException("attempt");
          }
          return true;
        };
    SharedSpark.session().udf().register("passes", passes, DataTypes.BooleanType);
    write(
        parts(0, 1000).where("passes(CAST(split(CAST(record AS STRING), ':')[0] AS BIGINT))"),
        "append",
        factory);
    Frames.assertRecords(directory, 0, 1000);
    assertOnlyRecordFiles();
  }

  @ParameterizedTest
  @ValueSource(classes = {TestCommitter.Factory.class, ManifestCommitterFactory.class})
  void aTaskThatAlwaysFails(Class<?> factory) throws IOException {
    Dataset<Row> failing = parts(0, 1000).selectExpr("raise_error('always') AS record", "part");
    Dataset<Row> frame = failing.selectExpr("CAST(record AS BINARY) AS record", "part");
    assertThatThrownBy(() -> write(frame, "append", factory)).hasStackTraceContaining("always");
    assertThat(Frames.everything(directory)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"setupJob", "setupTask", "commitTask", "commitJob", "afterCommitJob"})
  void aStepThatFails(String step) throws IOException {
    write(Frames.records(0, 100, 2), "append", TestCommitter.Factory.class);
    List<String> before = Frames.everything(directory);
    TestCommitter.reset(step);
    for (String mode : List.of("append", "overwrite")) {
      assertThatThrownBy(() -> write(parts(100, 200), mode, TestCommitter.Factory.class))
          .hasStackTraceContaining(step + " fails");
      assertThat(Frames.everything(directory)).isEqualTo(before);
    }
    TestCommitter.reset("");
    write(Frames.records(100, 200, 2), "append", TestCommitter.Factory.class);
    Frames.assertRecords(directory, 0, 200);
  }

  @Test
  void aJobThatFailsHalfWay() throws IOException {
    write(Frames.records(0, 100, 2), "append", TestCommitter.Factory.class);
    List<String> before = Frames.everything(directory);
    for (int renames = 0; renames < 4; renames++) {
      CopyingFileSystem.fail(Fault.THROWS_HALF_WAY, renames);
      assertThatThrownBy(
              () -> write(Frames.records(100, 700, 2), "append", TestCommitter.Factory.class))
          .hasStackTraceContaining("between");
      assertThat(Frames.everything(directory)).isEqualTo(before);
    }
  }

  /** This committer renames its own files again if that has failed. */
  @Test
  void aJobThatFailsHalfWayOrRecovers() throws IOException {
    for (int renames = 0; renames < 8; renames++) {
      CopyingFileSystem.fail(Fault.THROWS_HALF_WAY, renames);
      boolean failed = false;
      try {
        write(Frames.records(0, 600, 2), "overwrite", ManifestCommitterFactory.class);
      } catch (UncheckedIOException e) {
        failed = true;
      }
      CopyingFileSystem.reset();
      if (failed) {
        assertThat(Frames.recordFiles(directory)).isEmpty();
      } else {
        Frames.assertRecords(directory, 0, 600);
      }
      assertOnlyRecordFiles();
      write(Frames.records(0, 0, 1), "overwrite", ManifestCommitterFactory.class);
    }
  }

  @Test
  void theCommitterThatRenamesIsNotUsed() throws IOException {
    write(Frames.records(0, 100, 2), "append", FileOutputCommitterFactory.class);
    Frames.assertRecords(directory, 0, 100);
    assertOnlyRecordFiles();
  }

  @Test
  void aCommitterForAllFileSystems() throws IOException {
    TestCommitter.reset("");
    Frames.records(0, 100, 2)
        .write()
        .format("disky")
        .option("mapreduce.outputcommitter.factory.class", TestCommitter.Factory.class.getName())
        .mode("append")
        .save(directory.toString());
    assertThat(TestCommitter.CALLS).contains("commitJob");
    Frames.assertRecords(directory, 0, 100);
  }
}
