package io.disky.spark.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.disky.spark.testing.NoOpenObjects;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Attempts of tasks that go on after the query has ended leave nothing. */
@ExtendWith(NoOpenObjects.class)
class StagingTest {
  @TempDir Path directory;

  private final ShardOptions options = new ShardOptions(new CaseInsensitiveStringMap(Map.of()));

  @AfterEach
  void noFaults() {
    CopyingFileSystem.reset();
  }

  /** The destination on the local file system, or on the one that copies. */
  private Destination destination(String scheme) throws IOException {
    Configuration configuration = new Configuration();
    configuration.setClass("fs.copying.impl", CopyingFileSystem.class, FileSystem.class);
    return new Destination(scheme + ":" + directory, configuration);
  }

  @ParameterizedTest
  @ValueSource(strings = {"file", "copying"})
  void aFileThatIsCompletedTooLate(String scheme) throws IOException {
    FileSystem fileSystem = destination(scheme).fileSystem();
    StagingDirectory staging = new StagingDirectory(destination(scheme).path(), "query");
    staging.create(fileSystem);
    StagedTaskFiles files = new StagedTaskFiles(fileSystem, staging, options, 1, 2);
    ShardWriter open = files.open("", 0);
    open.write(new byte[10]);
    staging.remove(fileSystem);
    if (scheme.equals("file")) {
      files.complete(open);
    } else {
      assertThatThrownBy(() -> files.complete(open)).hasMessageContaining("the query has ended");
    }
    assertThat(directory).isEmptyDirectory();
  }

  /** A store without directories keeps an upload that was begun before the query has ended. */
  @Test
  void aDirectoryThatComesBack() throws IOException {
    CopyingFileSystem.createDirectories(true);
    FileSystem fileSystem = destination("copying").fileSystem();
    StagingDirectory staging = new StagingDirectory(destination("copying").path(), "query");
    staging.create(fileSystem);
    StagedTaskFiles files = new StagedTaskFiles(fileSystem, staging, options, 1, 2);
    ShardWriter open = files.open("", 0);
    staging.remove(fileSystem);
    fileSystem.create(open.path()).close();
    assertThatThrownBy(() -> files.complete(open)).hasMessageContaining("the query has ended");
    assertThat(directory).isEmptyDirectory();
  }

  @ParameterizedTest
  @ValueSource(strings = {"file", "copying", "copying without directories"})
  void aFileThatIsOpenedTooLate(String kind) throws IOException {
    String scheme = kind.replaceAll(" .*", "");
    CopyingFileSystem.createDirectories(!kind.equals(scheme));
    FileSystem fileSystem = destination(scheme).fileSystem();
    StagingDirectory staging = new StagingDirectory(destination(scheme).path(), "query");
    StagedTaskFiles files = new StagedTaskFiles(fileSystem, staging, options, 1, 2);
    assertThatThrownBy(() -> files.open("", 0))
        .hasMessageContaining("the query has ended, or this executor and the driver do not share")
        .hasMessageContaining(".disky-query");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void theNamesOfAttemptsAreDifferent() {
    StagingDirectory staging =
        new StagingDirectory(new org.apache.hadoop.fs.Path("file:/d"), "query");
    assertThat(
            java.util.Set.of(
                staging.file(1, 11, 0),
                staging.file(11, 1, 0),
                staging.file(1, 1, 10),
                staging.file(1, 1, 0)))
        .hasSize(4)
        .allMatch(file -> file.getParent().getName().equals(".disky-query"));
  }
}
