package io.disky.spark.write;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.disky.spark.testing.Frames;
import io.disky.spark.testing.NoOpenObjects;
import io.disky.spark.testing.SharedSpark;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.mapreduce.lib.output.committer.manifest.ManifestCommitterFactory;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.connector.write.DataWriter;
import org.apache.spark.sql.connector.write.DataWriterFactory;
import org.apache.spark.sql.connector.write.LogicalWriteInfo;
import org.apache.spark.sql.connector.write.WriterCommitMessage;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several attempts of a task succeed, or end after the query, as with speculation. */
@ExtendWith(NoOpenObjects.class)
class AttemptsTest {
  @TempDir Path directory;

  /** By the way in which files are published. */
  private WriteJob job(String way) {
    SharedSpark.session();
    Map<String, String> options = new HashMap<>();
    options.put(
        "path", way.equals("local") ? directory.toString() : CopyingFileSystem.path(directory));
    options.put("fs.copying.impl", CopyingFileSystem.class.getName());
    options.put("maxShardSize", "1");
    options.put("chunkSize", "1");
    if (way.equals("committer")) {
      options.put(
          "mapreduce.outputcommitter.factory.scheme.copying",
          TestCommitter.Factory.class.getName());
    }
    if (way.equals("manifest")) {
      options.put(
          "mapreduce.outputcommitter.factory.scheme.copying",
          ManifestCommitterFactory.class.getName());
    }
    LogicalWriteInfo info =
        new LogicalWriteInfo() {
          @Override
          public CaseInsensitiveStringMap options() {
            return new CaseInsensitiveStringMap(options);
          }

          @Override
          public String queryId() {
            return "2e1c0a86-30e5-4a3d-9d4f-5a2a2bd2b0a1";
          }

          @Override
          public StructType schema() {
            return new StructType().add("record", DataTypes.BinaryType);
          }
        };
    return new WriteJob(new WritePlan(info, new Transform[0], false));
  }

  /** Writes three records, each of which becomes a file. */
  private static WriterCommitMessage attempt(DataWriterFactory factory, int task, long attempt)
      throws IOException {
    try (DataWriter<InternalRow> writer = factory.createWriter(task, attempt)) {
      for (int i = 0; i < 3; i++) {
        writer.write(row(3 * task + i));
      }
      return writer.commit();
    }
  }

  private static InternalRow row(long id) {
    return new GenericInternalRow(new Object[] {Frames.record(id).getBytes(UTF_8)});
  }

  private void assertOnlyTheRecords() throws IOException {
    Frames.assertRecords(directory, 0, 6);
    assertThat(Frames.everything(directory))
        .hasSize(7)
        .allMatch(name -> name.matches("shard_[0-9]+|_SUCCESS"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "copying", "committer", "manifest"})
  void allAttemptsSucceed(String way) throws IOException {
    WriteJob job = job(way);
    assertThat(job.useCommitCoordinator()).isFalse();
    DataWriterFactory factory = job.createBatchWriterFactory(() -> 2);
    WriterCommitMessage first = attempt(factory, 0, 10);
    attempt(factory, 0, 11);
    attempt(factory, 1, 12);
    WriterCommitMessage second = attempt(factory, 1, 13);
    job.commit(new WriterCommitMessage[] {first, second});
    assertOnlyTheRecords();
  }

  /** The executor died: nobody closes or aborts the writer that the driver has given up. */
  @ParameterizedTest
  @ValueSource(strings = {"local", "copying", "committer", "manifest"})
  void anAttemptIsLost(String way) throws IOException {
    WriteJob job = job(way);
    DataWriterFactory factory = job.createBatchWriterFactory(() -> 2);
    WriterCommitMessage first = attempt(factory, 0, 10);
    try (DataWriter<InternalRow> lost = factory.createWriter(1, 11)) {
      lost.write(row(3));
      lost.write(row(4));
      WriterCommitMessage second = attempt(factory, 1, 12);
      job.commit(new WriterCommitMessage[] {first, second});
      assertThat(Frames.everything(directory)).hasSize(7);
    }
    assertOnlyTheRecords();
  }

  /** The query is aborted while attempts of its tasks go on. */
  @ParameterizedTest
  @ValueSource(strings = {"local", "copying"})
  void anAttemptOutlivesTheQuery(String way) throws IOException {
    WriteJob job = job(way);
    DataWriterFactory factory = job.createBatchWriterFactory(() -> 2);
    WriterCommitMessage first = attempt(factory, 0, 10);
    try (DataWriter<InternalRow> late = factory.createWriter(1, 11)) {
      late.write(row(3));
      job.abort(new WriterCommitMessage[] {first, null});
      try {
        late.write(row(4));
        late.commit();
      } catch (IOException e) {
        late.abort();
      }
    }
    assertThat(Frames.everything(directory)).isEmpty();
  }
}
