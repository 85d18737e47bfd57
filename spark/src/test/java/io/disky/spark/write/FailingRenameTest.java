package io.disky.spark.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.disky.spark.testing.Frames;
import io.disky.spark.testing.NoOpenObjects;
import io.disky.spark.write.CopyingFileSystem.Fault;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A file system whose renaming copies, replaces, and fails half way. */
@ExtendWith(NoOpenObjects.class)
class FailingRenameTest {
  @TempDir Path directory;

  @AfterEach
  void noFaults() {
    CopyingFileSystem.reset();
  }

  private void write(Dataset<Row> frame, String mode) {
    frame
        .write()
        .format("disky")
        .option("fs.copying.impl", CopyingFileSystem.class.getName())
        .option("partitionColumns", "part")
        .mode(mode)
        .save(CopyingFileSystem.path(directory));
  }

  private static Dataset<Row> parts(long begin, long end) {
    return Frames.withIds(begin, end, 2).selectExpr("record", "id % 2 AS part");
  }

  @Test
  void namesAreUniqueAndInOrder() throws IOException {
    write(parts(0, 100), "append");
    write(parts(100, 200), "append");
    Frames.assertRecords(directory, 0, 200);
    assertThat(Frames.everything(directory)).hasSize(2 + 1 + 2 * 4);
    assertThat(Frames.recordFiles(directory))
        .allMatch(file -> file.getFileName().toString().matches("shard_[0-9]{31}"));
    List<Path> part = Frames.recordFiles(directory.resolve("part=0"));
    assertThat(part.getFirst().toString()).endsWith("000000000000");
    assertThat(part.get(1).toString()).endsWith("000001000000");
  }

  @ParameterizedTest
  @EnumSource(value = Fault.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
  void aFailedQueryChangesNothingAndCanBeMadeAgain(Fault fault) throws IOException {
    write(parts(0, 100), "append");
    List<String> before = Frames.everything(directory);
    for (int successes = 0; successes < 4; successes++) {
      for (String mode : List.of("append", "overwrite")) {
        CopyingFileSystem.fail(fault, successes);
        assertThatThrownBy(() -> write(parts(100, 200), mode)).isInstanceOf(Exception.class);
        assertThat(Frames.everything(directory)).isEqualTo(before);
      }
    }
    CopyingFileSystem.reset();
    write(parts(100, 200), "append");
    Frames.assertRecords(directory, 0, 200);
  }

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"THROWS_HALF_WAY", "THROWS_AFTER"})
  void aDirectoryThatTheQueryHasCreatedIsRemoved(Fault fault) throws IOException {
    CopyingFileSystem.fail(fault, 3);
    assertThatThrownBy(() -> write(parts(0, 100), "append")).isInstanceOf(Exception.class);
    assertThat(Frames.everything(directory)).isEmpty();
  }

  @Test
  void oldFilesThatCannotBeRemoved() throws IOException {
    write(parts(0, 100), "append");
    Path old = Frames.recordFiles(directory).get(1);
    CopyingFileSystem.keep(old.getFileName().toString());
    assertThatThrownBy(() -> write(parts(100, 200), "overwrite"))
        .hasStackTraceContaining("the new files are complete, but old ones are left")
        .hasStackTraceContaining("cannot be deleted");
    assertThat(old).exists();
    assertThat(Frames.recordFiles(directory)).hasSizeGreaterThan(4);
    CopyingFileSystem.reset();
    write(parts(200, 300), "overwrite");
    Frames.assertRecords(directory, 200, 300);
    assertThat(Frames.everything(directory)).noneMatch(name -> name.contains("disky"));
  }

  @Test
  void aStoreWithoutDirectories() throws IOException {
    CopyingFileSystem.createDirectories(true);
    write(parts(0, 100), "append");
    Frames.assertRecords(directory, 0, 100);
  }
}
