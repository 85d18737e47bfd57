package io.disky.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link NumberedFiles}. */
class NumberedFilesTest {
  @TempDir Path directory;

  @Test
  void ordersShardsByTheirNumbers() throws IOException {
    for (String name :
        new String[] {
          "s_10", "s_9", "s_0", "s_007", "b", "a", "s_99999999999999999999", ".hidden"
        }) {
      Files.createFile(directory.resolve(name));
    }
    Files.createDirectory(directory.resolve("s_1"));
    assertThat(NumberedFiles.in(directory, System.err))
        .map(shard -> shard.getFileName().toString())
        .containsExactly("a", "b", "s_0", "s_007", "s_9", "s_10", "s_99999999999999999999");
  }

  @Test
  void refusesADirectoryWithoutShards() throws IOException {
    Files.createFile(directory.resolve(".hidden"));
    assertThatThrownBy(() -> NumberedFiles.in(directory, System.err))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining(directory.toString());
  }
}
